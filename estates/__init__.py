"""Sample companies and their estates, shipped as package data."""

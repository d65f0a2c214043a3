"""Procedures as data: one folder of YAML per procedure, shipped as package data."""

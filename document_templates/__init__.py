"""Word templates, one folder per procedure, shipped as package data."""

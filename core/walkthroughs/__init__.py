"""Described cases: read from YAML, played through the same services as the counter, reported as files."""

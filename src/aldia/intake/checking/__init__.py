"""Checking: mapped text cells become typed facts, or a problem that names row, field, found, expected and repair."""

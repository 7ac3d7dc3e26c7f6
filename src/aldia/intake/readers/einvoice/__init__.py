"""Readers of electronic documents, one module per format, each a table of paths."""

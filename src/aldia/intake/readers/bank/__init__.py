"""Readers of bank files, one module per format; each knows its format from the content."""

"""Loads: read, map, validate, preview, merge, undo.

Invariant: loading twice changes nothing, and a dry run equals its commit.
"""

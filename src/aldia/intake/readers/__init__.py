"""Readers: an untrusted file in, a table of text cells with its original row numbers out.

Nothing is imported here on purpose: the limited child process loads this package and must start small.
The public calls are in `table` (`read_table`) and `registry` (`sniff`, `normalised`).
"""

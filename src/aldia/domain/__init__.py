"""Rules as functions of values: no clock, no I/O, no framework."""

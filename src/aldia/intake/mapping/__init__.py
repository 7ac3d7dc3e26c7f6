"""Mapping: which column of a file is which fact of ours, proposed with reasons, corrected by people, remembered."""

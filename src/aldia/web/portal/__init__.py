"""The debtor's door: no account, a signed link, works without JavaScript."""

"""Creditors, portfolios, accounts, documents and the journal.

Invariant: every posting sums to zero; balances re-derive from the journal.
"""

"""People and companies, their contact points and consents.

Invariant: a contact point is used only for what was consented to that creditor.
"""

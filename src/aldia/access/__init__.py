"""Organisations, staff, teams, roles, permissions and the audit chain.

Invariant: nobody reads or changes what role and scope do not give.
"""

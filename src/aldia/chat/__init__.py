"""Conversations with who owes: each message is answered at most once, and nothing personal is said to a stranger.

The dialogue is `domain.chat`; this room keeps it, does what it asks for through the services of the rooms below, and gives it to
a person when it must.
"""

"""Refusals that services and selectors share."""


class UnknownCase(LookupError):
    """No such case in this organisation, or it is not the actor's to see."""

"""SMPP 3.4: SMS straight to an operator's SMSC."""

"""The window of people from outside: what an agency has been given, and what was done for a creditor. It knows nothing of the desk."""

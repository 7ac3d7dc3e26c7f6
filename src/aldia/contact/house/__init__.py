"""The rules of the house: what an organisation adds to the law, always stricter, with its reason and who said so."""

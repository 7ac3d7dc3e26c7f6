"""Electronic documents as debt: who issued them, who owes them, when they fall due, what they lower and what they pay."""

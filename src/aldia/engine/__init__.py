"""Facts vocabulary, rule language and decisions, vectorised."""

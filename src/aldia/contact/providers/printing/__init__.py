"""Letters through one's own printer or a print house."""

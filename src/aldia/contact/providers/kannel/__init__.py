"""SMS through a Kannel gateway of one's own."""

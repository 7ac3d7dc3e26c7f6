"""Components, shell and formats shared by every door."""

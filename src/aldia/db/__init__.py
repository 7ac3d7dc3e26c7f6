"""The only package that knows which database runs."""

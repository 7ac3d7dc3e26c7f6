"""All HTTP. A view makes one call."""

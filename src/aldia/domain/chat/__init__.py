"""The chatbot's grammar and dialogue: values in, values out. No clock, no network, no model, no table."""

"""The door of machines: providers that call back. A person never comes in here."""

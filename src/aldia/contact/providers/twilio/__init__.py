"""SMS through Twilio's programmable messaging."""

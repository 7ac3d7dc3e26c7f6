"""Payment gateways: what they answer, in our words. Pure; whoever posts money asks `movement` and never guesses."""

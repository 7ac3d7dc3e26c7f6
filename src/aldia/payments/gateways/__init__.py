"""Payment gateways: one module each, behind the contract of `protocol`; what they answer is said in our words there."""

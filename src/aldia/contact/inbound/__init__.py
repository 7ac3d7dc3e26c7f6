"""What comes back: bounces, complaints, automatic answers and what people write. Reading is pure; `services.inbound` stores."""

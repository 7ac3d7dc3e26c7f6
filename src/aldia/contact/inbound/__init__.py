"""What comes back: bounces, complaints, automatic answers and what people write. Reading is pure; `services.arriving` keeps it and
`services.taking` takes it in."""

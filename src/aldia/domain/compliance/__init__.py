"""The law of contact as values: rule packs, the policy they make for a case, and the gate that answers with it."""

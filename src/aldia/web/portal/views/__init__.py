"""One module a journey: the way in, the account, what people answer, and checking that a message is ours."""

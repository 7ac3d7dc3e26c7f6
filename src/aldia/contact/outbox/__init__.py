"""The outbox: a notice leaves at most once.

One transaction re-checks everything and commits `sending` with a fencing token; then the provider is called; then `sent` or
`failed` is committed, only if the token still holds. A `sending` order whose worker died becomes `unknown` and is never sent
again by a timer.
"""

"""The laboratory: what a strategy would do and bring, tried before it is launched. It reads; only experiments are written."""

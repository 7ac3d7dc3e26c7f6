"""The HTTP API for integrators, version 1: who comes in and how a refusal is said (`doors`), what is read and what is written."""

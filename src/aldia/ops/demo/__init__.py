"""The demonstration of a first start: two invented organisations that have lived some weeks, through the services alone."""

from aldia.ops.demo.making import AlreadyInhabited, make

__all__ = ["AlreadyInhabited", "make"]

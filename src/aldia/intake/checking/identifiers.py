"""Numbers whose kind is stated: bank accounts (IBAN, CBU, CCC), creditor references, company registers."""

from functools import cache
from importlib import import_module
from typing import Any

from stdnum.exceptions import ValidationError


def identifier(raw: str, kind: str) -> str | None:
    """The compact form of a valid number of that kind (`iban`, `ar.cbu`, `es.nie`), None when it is not valid.

    Raises UnknownKind.
    """
    try:
        return str(_module(kind).validate(raw))
    except ValidationError:
        return None


class UnknownKind(ValueError):
    """There is no way to check numbers of that kind."""


@cache
def _module(kind: str) -> Any:
    try:
        module = import_module(f"stdnum.{kind}")
    except ModuleNotFoundError as error:
        raise UnknownKind(kind) from error
    if not hasattr(module, "validate"):
        raise UnknownKind(kind)
    return module

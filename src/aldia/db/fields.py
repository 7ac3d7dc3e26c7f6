"""Fields with a meaning: money in minor units, currencies, business codes."""

from typing import TYPE_CHECKING, Any

from django.core.validators import RegexValidator
from django.db import models

if TYPE_CHECKING:
    BigIntegerField = models.BigIntegerField[int, int]
    CharField = models.CharField[str, str]
else:
    from django.db.models import BigIntegerField, CharField


class MinorField(BigIntegerField):
    """An amount in the minor unit of the currency beside it. Never a float, never a Decimal."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("default", 0)
        super().__init__(*args, **kwargs)


class CurrencyField(CharField):
    """An ISO 4217 code, or the code of an indexed unit such as CLF."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 3)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, RegexValidator(r"^[A-Z]{3}$")]


class KeyField(CharField):
    """A stable machine key chosen by a person or shipped as data: lower case, digits, - and _."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 60)
        super().__init__(*args, **kwargs)
        self.validators = [*self.validators, RegexValidator(r"^[a-z0-9][a-z0-9_\-\.]*$")]

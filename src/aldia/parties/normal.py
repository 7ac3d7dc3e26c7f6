"""How a contact point is kept: e-mail in lower case, phone as E.164, address as written."""

import re

from django.utils.translation import gettext as _

from aldia.parties.models import PointKind
from aldia.parties.phones import read_phone

_EMAIL = re.compile(r"[^@\s<>,;]+@[^@\s<>,;]+\.[^@\s<>,;.]{2,}")


class BadPoint(ValueError):
    """A contact point that cannot be used; the text says what was found and how it should look."""


def normalise_point(kind: str, value: str, country: str = "") -> tuple[str, bool | None]:
    """Return the value as it is kept (e-mail lower case, phone E.164) and, for phones, whether it is mobile (None: unknown).

    Raises BadPoint.
    """
    value = value.strip()
    if kind == PointKind.EMAIL:
        if not _EMAIL.fullmatch(value) or len(value) > 250:
            raise BadPoint(
                _("«%(value)s» no es un correo: escríbelo como nombre@empresa.com.") % {"value": value[:80]}
            )
        return value.lower(), None
    if kind == PointKind.PHONE:
        return _phone(value, country)
    if kind == PointKind.ADDRESS and value:
        return value[:250], None
    raise BadPoint(_("Falta el domicilio, o la clase «%(kind)s» no existe.") % {"kind": kind})


def _phone(value: str, country: str) -> tuple[str, bool | None]:
    problem = _("«%(value)s» no es un teléfono: escríbelo con código de país, como +54 11 4321 5678.") % {
        "value": value[:40]
    }
    found = read_phone(value, country)
    if found is None:
        raise BadPoint(problem)
    return found

"""A mapping: columns to fields, the conventions that content alone could not settle, and why each was chosen."""

import hashlib
import json
from collections.abc import Iterable
from collections.abc import Mapping as MappingType
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import yaml
from django.utils.translation import gettext_lazy as _

from aldia.intake.mapping.fields import FIELDS, Kind, field_named
from aldia.intake.mapping.names import fold
from aldia.intake.readers.refusals import Refused
from aldia.intake.readers.text_file import Request

SETTINGS = ("date_order", "decimal", "currency", "encoding", "separator", "header_row", "sheet")
FILE_BYTES = 256 * 1024


class MappingRefused(Refused):
    """A mapping file that cannot be used: unreadable, an unknown field, a column that is not there."""


class MappingNeeded(Refused):
    """Columns could not be told apart or a needed one was not found; a mapping settles it."""


@dataclass(frozen=True, slots=True)
class Mapping:
    """`columns` is field -> column; `settings` holds date_order, decimal, currency, encoding, separator, header_row, sheet.

    `confidence` (0 to 1) and `reasons` are per field; columns in nobody's hands become attributes.
    """

    kind: Kind
    columns: dict[str, str]
    settings: dict[str, Any] = field(default_factory=dict)
    confidence: dict[str, float] = field(default_factory=dict)
    reasons: dict[str, str] = field(default_factory=dict)
    attributes: tuple[str, ...] = ()
    ignored: tuple[str, ...] = ()

    def column(self, name: str) -> str | None:
        """The column of a field, or None."""
        return self.columns.get(name)

    def to_dict(self) -> dict[str, Any]:
        """JSON-able; `from_dict` reads it back."""
        return {
            "kind": self.kind.value,
            "columns": dict(self.columns),
            **{name: self.settings[name] for name in SETTINGS if name in self.settings},
            "confidence": dict(self.confidence),
            "reasons": {name: str(reason) for name, reason in self.reasons.items()},
            "attributes": list(self.attributes),
        }

    @classmethod
    def from_dict(cls, data: MappingType[str, Any], *, kind: Kind | str | None = None) -> "Mapping":
        """From `to_dict`, or from what a person wrote: `{field: column}` with settings beside. Raises MappingRefused."""
        chosen = Kind(data.get("kind", kind or Kind.DOCUMENTS))
        known = {"kind", "columns", "confidence", "reasons", "attributes", *SETTINGS}
        columns = data.get(
            "columns",
            {
                name: value
                for name, value in data.items()
                if name not in known or _is_field(chosen, name, value)
            },
        )
        if not isinstance(columns, MappingType):
            raise _unreadable(_("«columns» tiene que ser una lista de campo: columna."))
        for name in columns:
            if field_named(chosen, str(name)) is None:
                raise _unknown_field(chosen, str(name))
        return cls(
            kind=chosen,
            columns={str(name): str(value) for name, value in columns.items() if value is not None},
            settings={
                name: data[name]
                for name in SETTINGS
                if name in data and not ("columns" not in data and name in columns)
            },
            confidence=dict(data.get("confidence", {})),
            reasons=dict(data.get("reasons", {})),
            attributes=tuple(data.get("attributes", ())),
            ignored=tuple(str(name) for name, value in columns.items() if value is None),
        )

    def request(self) -> Request:
        """What the mapping already says about how to read the file."""
        row = self.settings.get("header_row")
        return Request(
            encoding=self.settings.get("encoding"),
            separator=self.settings.get("separator"),
            header_row=int(row) if row is not None else None,
            sheet=self.settings.get("sheet"),
        )

    def bound_to(self, columns: list[str]) -> "Mapping":
        """The same mapping with the file's own spelling of each column. Raises MappingRefused for one that is not there."""
        folded = {fold(name).strip(): name for name in reversed(columns)}
        bound = {}
        for name, column in self.columns.items():
            found = column if column in columns else folded.get(fold(column).strip())
            if found is None:
                raise MappingRefused(
                    "mapping_column_missing",
                    found=_("El archivo no tiene la columna «%(column)s».") % {"column": column},
                    expected=_("Una de estas: %(columns)s.") % {"columns": ", ".join(columns)},
                    hint=_("Corrige «%(field)s» en el archivo de correspondencias (--mapping).")
                    % {"field": name},
                    field=name,
                )
            bound[name] = found
        return replace(self, columns=bound)


def load_mapping(path: Path | str, *, kind: Kind | str | None = None) -> Mapping:
    """The mapping in a JSON or YAML file. Raises MappingRefused."""
    path = Path(path)
    try:
        if path.stat().st_size > FILE_BYTES:
            raise _unreadable(_("El archivo de correspondencias es demasiado grande."))
        text = path.read_text(encoding="utf-8-sig")
        data = json.loads(text) if text.lstrip().startswith("{") else yaml.safe_load(text)
    except (OSError, ValueError, yaml.YAMLError, RecursionError) as error:
        raise _unreadable(str(error)[:300]) from error
    if not isinstance(data, dict):
        raise _unreadable(_("Tiene que ser una lista de campo: columna."))
    try:
        return Mapping.from_dict(data, kind=kind)
    except ValueError as error:
        raise _unreadable(str(error)[:300]) from error


def signature(columns: Iterable[str]) -> str:
    """Identity of a layout, whatever the order and spelling case of its columns: finds a remembered mapping again."""
    folded = sorted(" ".join(fold(name).split()) for name in columns)
    return hashlib.sha256("\x1f".join(folded).encode()).hexdigest()[:32]


def _is_field(kind: Kind, name: str, value: object) -> bool:
    """`currency` is both a field and a setting: a known code is the setting, anything else a column."""
    from aldia.domain.money import EXPONENTS

    return name == "currency" and field_named(kind, name) is not None and str(value).upper() not in EXPONENTS


def _unknown_field(kind: Kind, name: str) -> MappingRefused:
    return MappingRefused(
        "mapping_field_unknown",
        found=_("No existe el campo «%(field)s».") % {"field": name},
        expected=_("Uno de estos: %(fields)s.") % {"fields": ", ".join(item.name for item in FIELDS[kind])},
        hint=_("Corrige el archivo de correspondencias (--mapping)."),
        field=name,
    )


def _unreadable(reason: Any) -> MappingRefused:
    return MappingRefused(
        "mapping_unreadable",
        found=reason,
        expected=_('Un JSON o YAML como {"customer_id": "columna", "date_order": "dmy"}.'),
        hint=_("Corrige el archivo de correspondencias (--mapping)."),
        field="mapping",
    )

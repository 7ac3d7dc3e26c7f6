"""A mapping proposed from names and content, with a confidence and a reason per field."""

import re
from collections.abc import Iterator, Sequence

import polars as pl
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from aldia.intake.mapping.content import Content, contents
from aldia.intake.mapping.fields import FIELDS, REQUIRED, Field, Kind, Looks, field_named
from aldia.intake.mapping.mapping import Mapping, MappingNeeded
from aldia.intake.mapping.names import tokens_of
from aldia.intake.mapping.synonyms import name_score
from aldia.intake.readers.table import RawTable

SURE = 0.5
TIE = 0.04
UNNAMED = re.compile(r"columna \d+")
AGAIN = re.compile(r" \(\d+\)$")
DECISIVE = frozenset(
    {"customer_id", "document_number", "due_on", "amount", "open_amount", "issued_on", "on", "settled_on"}
)

Scores = dict[tuple[str, str], float]


def propose_mapping(table: RawTable, kind: Kind | str, *, given: Mapping | None = None) -> Mapping:
    """The mapping for the file's columns; what `given` says (a file, a remembered mapping) is kept as it is.

    Raises MappingNeeded when a needed field has no column, or two columns fit a decisive field equally.
    """
    return propose_for(table.columns, table.sample(), Kind(kind), given=given)


def propose_for(
    columns: Sequence[str],
    sample: pl.DataFrame,
    kind: Kind,
    *,
    given: Mapping | None = None,
    is_partial: bool = False,
) -> Mapping:
    """As `propose_mapping`, from the columns and some rows. `is_partial` leaves what it cannot tell open, for a person."""
    names = list(columns)
    fixed = given.bound_to(names) if given else Mapping(kind, {})
    chosen = dict(fixed.columns)
    confidence = dict.fromkeys(chosen, 1.0)
    reasons = {name: gettext("Indicado en las correspondencias.") for name in chosen}
    for name, column, score in _choices(names, sample, fixed, is_partial=is_partial):
        chosen[name], confidence[name] = column, round(score, 2)
        reasons[name] = _reason(score)
    if kind is Kind.RECEIPTS and not chosen:
        chosen = _unnamed(names, sample)
        confidence, reasons = dict.fromkeys(chosen, SURE), dict.fromkeys(chosen, _reason(SURE))
    if kind is Kind.DOCUMENTS:
        _drop_lone_sides(chosen, fixed)
    taken = set(chosen.values())
    mapping = Mapping(
        kind=kind,
        columns=chosen,
        settings=dict(fixed.settings),
        confidence=confidence,
        reasons=reasons,
        attributes=tuple(name for name in names if name not in taken),
        ignored=fixed.ignored,
    )
    if not is_partial:
        _check_required(mapping, names)
    return mapping


def _unnamed(names: list[str], sample: pl.DataFrame) -> dict[str, str]:
    """A bank's list without headings: its only column of days, its only one of sums and its only one of words."""
    if not all(UNNAMED.fullmatch(name) for name in names):
        return {}
    seen = contents(sample, names)
    days = [name for name in names if seen[name].shares[Looks.DATE] > 0.9]
    sums = [name for name in names if seen[name].shares[Looks.AMOUNT] > 0.9 and name not in days]
    words = [name for name in names if seen[name].filled and name not in (*days, *sums)]
    if len(days) != 1 or len(sums) != 1:
        return {}
    return {"on": days[0], "amount": sums[0]} | ({"text": words[0]} if len(words) == 1 else {})


def _drop_lone_sides(chosen: dict[str, str], fixed: Mapping) -> None:
    """Debit and credit make an amount only together and where there is no other: their columns are nobody's otherwise."""
    if "amount" not in chosen and {"debit", "credit"} <= set(chosen):
        return
    for name in ("debit", "credit"):
        if name in chosen and name not in fixed.columns:
            del chosen[name]


def _choices(
    names: list[str], sample: pl.DataFrame, fixed: Mapping, *, is_partial: bool
) -> Iterator[tuple[str, str, float]]:
    """What nobody fixed and the header or the cells tell: field, column and score, the surest first.

    Raises MappingNeeded where two columns could be a field that decides, unless it may stay open.
    """
    seen = contents(sample, names)
    order = {column: (-round(seen[column].filled, 1), at) for at, column in enumerate(names)}
    settled, taken = {*fixed.columns, *fixed.ignored}, set(fixed.columns.values())
    if "document_number" in fixed.columns:
        settled.add("document_series")  # who said what the number is, said all of it
    scores = _scores(names, seen, fixed.kind)
    free = {key: score for key, score in scores.items() if key[0] not in settled}
    for (name, column), score in sorted(free.items(), key=lambda item: (-item[1], order[item[0][1]])):
        if score < SURE or name in settled or column in taken:
            continue
        rivals = [
            other for other in _rivals(name, column, free, taken) if not _lesser(other, column, seen, sample)
        ]
        if rivals and name in DECISIVE:
            if is_partial:
                continue
            raise _tie(name, column, rivals)
        yield name, column, score
        settled.add(name)
        taken.add(column)


def _scores(columns: list[str], seen: dict[str, Content], kind: Kind) -> Scores:
    scores: Scores = {}
    for column in columns:
        tokens = tokens_of(_without_count(column, columns))
        for field in FIELDS[kind]:
            if field.name == "region" and seen[column].states > 0.5:
                continue  # «Estado»: how the document is, not where its debtor lives
            by_name = name_score(kind, field.name, tokens)
            score = (
                by_name * seen[column].supports(field.looks) if by_name else _by_content(field, seen[column])
            )
            if score:
                scores[field.name, column] = score
    return scores


def _without_count(column: str, columns: list[str]) -> str:
    """The heading as the file has it: one that stands there twice was given a number, and fits as well as the first."""
    written = AGAIN.sub("", column)
    return written if written in columns else column


def _by_content(field: Field, content: Content) -> float:
    """Only what nothing else looks like is believed without a name: e-mail addresses, currency codes, both sides of an account."""
    if (
        field.looks in (Looks.EMAIL, Looks.CURRENCY, Looks.SIDE)
        and content.filled > 0.3
        and content.shares[field.looks] > 0.9
    ):
        return 0.55
    return 0.0


def _rivals(name: str, column: str, free: Scores, taken: set[str]) -> list[str]:
    """Columns that fit the field as well as this one and nothing else better."""
    score = free[name, column]
    return [
        other
        for (field, other), found in free.items()
        if field == name
        and other != column
        and other not in taken
        and abs(found - score) <= TIE
        and not _fits_elsewhere(other, name, found, free)
    ]


def _lesser(other: str, column: str, seen: dict[str, Content], sample: pl.DataFrame) -> bool:
    """True for a rival that says the same as the column, or is clearly emptier."""
    if seen[other].filled < seen[column].filled - 0.05:
        return True
    return sample.height > 0 and float((sample[other] == sample[column]).mean() or 0.0) > 0.98  # type: ignore[arg-type]


def _tie(name: str, column: str, rivals: list[str]) -> MappingNeeded:
    both = ", ".join(f"«{rival}»" for rival in [column, *rivals])
    return MappingNeeded(
        "mapping_tie",
        found=_("Estas columnas sirven por igual: %(columns)s.") % {"columns": both},
        expected=_("Saber cuál es «%(field)s».") % {"field": name},
        hint=_('Di cuál es con --mapping ARCHIVO: {"%(field)s": "%(column)s"}.')
        % {"field": name, "column": column},
        field=name,
    )


def _fits_elsewhere(column: str, name: str, score: float, free: Scores) -> bool:
    return any(field != name and other == column and found >= score for (field, other), found in free.items())


def _check_required(mapping: Mapping, columns: list[str]) -> None:
    missing = [
        group for group in REQUIRED[mapping.kind] if not any(name in mapping.columns for name in group)
    ]
    if not missing:
        return
    wanted = ", ".join(" / ".join(_label(mapping.kind, name) for name in group) for group in missing)
    example = ", ".join(f'"{group[0]}": "…"' for group in missing)
    raise MappingNeeded(
        "mapping_missing",
        found=_("Columnas del archivo: %(columns)s.") % {"columns": ", ".join(columns)},
        expected=_("Falta la columna de: %(fields)s.") % {"fields": wanted},
        hint=_("Di qué columna es con --mapping ARCHIVO (JSON o YAML): {%(example)s}.")
        % {"example": example},
        field=missing[0][0],
    )


def _label(kind: Kind, name: str) -> str:
    field = field_named(kind, name)
    return f"{field.label} ({name})" if field else name


def _reason(score: float) -> str:
    if score >= 0.95:
        return gettext("El título es conocido y el contenido coincide.")
    if score >= 0.7:
        return gettext("El título se parece y el contenido coincide.")
    return gettext("Parece por su contenido; conviene revisarlo.")

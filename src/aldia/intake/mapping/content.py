"""What the cells of a column look like, as shares of the filled ones."""

from dataclasses import dataclass

import polars as pl

from aldia.intake.mapping.currency_words import KNOWN, SHARED
from aldia.intake.mapping.direction_words import ACCOUNT_SIDES
from aldia.intake.mapping.fields import Looks
from aldia.intake.mapping.names import fold

DATE = (
    r"^\s*(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/. ]\d{1,2}[-/. ]\d{2,4}|(19|20)\d{6}(\.0)?"
    r"|(0[1-9]|[12]\d|3[01])(0[1-9]|1[0-2])(19|20)\d{2}"
    r"|\d{1,2}[-/ ](de )?\p{L}{3,10}\.?[-/ ](de )?\d{2,4}|\p{L}{3,10}\.? \d{1,2},? \d{4})([ T].*)?\s*$"
)
AMOUNT = (
    r"^[\s(+\-−]*([A-Za-z]{2,3}|[A-Za-z]{0,2}[$€£]|S/\.?)?[\s+\-−]*"
    r"\d[\d.,'’\s\u{a0}\u{202f}]*[\s)\-−]*([A-Za-z]{3}|[DCHdch]([BRbr]\.?)?|[$€£])?\s*$"
)
MOST_SIDES = 9  # a column of sides has few words
CURRENCIES = [*KNOWN, *SHARED]
NAME = r"^[^\d]*\p{L}[^\d]* [^\d]*\p{L}[^\d]*$"
EMAIL = r"^[^@\s]+@[^@\s]+\.[^@\s]+$"
PHONE = r"^[\s+(]*\d[\d\s().\-/+]{5,22}(ext.*)?$"
TRUTH = (
    r"(?i)^(yes|no|y|n|s|si|sí|não|nao|sim|true|false|t|f|0|1|x|verdadero|falso|acepta(do)?|aceit[ao]|autoriza(do)?"
    r"|rechaza(do)?|recusa(do)?|revo[cg]ado|granted|accepted|denied|refused|opt-?(in|out)|opted (in|out))$"
)
STATE = (
    r"(?i)^(parcial(mente)? )?(vencid[oa]s?|pendientes?|pendentes?|pagad[oa]s?|pag[oa]s?|cobrad[oa]s?|impag[oa]s?|parcial(mente)?"
    r"|abiert[oa]s?|abert[oa]s?|em aberto|por vencer|a vencer|atrasad[oa]s?|en plazo|al d[ií]a|vigentes?|emitid[oa]s?|anulad[oa]s?|cancelad[oa]s?"
    r"|en mora|atras[oa]d[oa]s?|open|overdue|paid|unpaid|partial(ly paid)?|awaiting payment|sent|posted|draft)$"
)


@dataclass(frozen=True, slots=True)
class Content:
    """Share of the filled cells that look like each thing; `filled` is the share of cells with something in them."""

    filled: float
    distinct: float
    names: float  # share of the cells with two words and no digit
    shares: dict[Looks, float]
    states: float = 0.0  # share of the cells that say how a document is: overdue, paid ...

    def supports(self, looks: Looks) -> float:
        """Factor for a name's score: 1 supports, 0 contradicts, between when there is nothing to see."""
        if self.filled == 0:
            return 0.85
        if looks in (Looks.TEXT, Looks.SHORT, Looks.ID):
            if looks is Looks.ID and self.names > 0.5:
                return 0.8  # «Cliente» beside «Código» holds names
            return (
                0.3
                if looks is not Looks.ID and self.shares[Looks.EMAIL] > 0.8
                else (0.6 if self._is_date_like(looks) else 1.0)
            )
        share = self.shares[looks]
        return 1.0 if share >= 0.5 else (0.75 if share >= 0.2 else 0.0)

    def _is_date_like(self, looks: Looks) -> bool:
        return looks is Looks.ID and self.shares[Looks.DATE] > 0.9 and self.shares[Looks.AMOUNT] < 0.5


def contents(frame: pl.DataFrame, columns: list[str]) -> dict[str, Content]:
    """The content of each column, judged on the rows given (a sample is enough)."""
    return {name: _content(frame[name]) for name in columns}


def _content(cells: pl.Series) -> Content:
    kept = cells.str.strip_chars()
    kept = kept.filter(kept != "")
    if not kept.len():
        return Content(0.0, 0.0, 0.0, dict.fromkeys(Looks, 0.0))
    patterns = {
        Looks.DATE: DATE,
        Looks.AMOUNT: AMOUNT,
        Looks.EMAIL: EMAIL,
        Looks.PHONE: PHONE,
        Looks.TRUTH: TRUTH,
    }
    shares = dict.fromkeys(Looks, 1.0)
    for looks, pattern in patterns.items():
        shares[looks] = float(kept.str.contains(pattern).mean() or 0.0)  # type: ignore[arg-type]
    if shares[Looks.DATE] == 0 and _serial_share(kept) > 0.95:
        shares[Looks.DATE] = 0.6
    sides = {ACCOUNT_SIDES.get(fold(cell)) for cell in kept.unique().head(MOST_SIDES)}
    shares[Looks.SIDE] = float(None not in sides) if len(sides) > 1 or None in sides else 0.5
    shares[Looks.CURRENCY] = float(kept.str.to_uppercase().is_in(CURRENCIES).mean() or 0.0)  # type: ignore[arg-type]
    names = float(kept.str.contains(NAME).mean() or 0.0)  # type: ignore[arg-type]
    states = float(kept.str.contains(STATE).mean() or 0.0)  # type: ignore[arg-type]
    return Content(kept.len() / max(cells.len(), 1), kept.n_unique() / kept.len(), names, shares, states)


def _serial_share(kept: pl.Series) -> float:
    days = kept.cast(pl.Float64, strict=False)
    return float(days.is_between(20_000, 70_000).fill_null(value=False).mean() or 0.0)  # type: ignore[arg-type]

"""The book of one loan while it is replayed: instalments with what each owes and was paid, and one entry per transaction."""

from datetime import date

from aldia.domain.loans.events import Charged, Event
from aldia.domain.loans.orders import COMPONENTS, PRINCIPAL


def nothing() -> dict[str, int]:
    """No money in any component."""
    return dict.fromkeys(COMPONENTS, 0)


class Row:
    """An instalment: what it owes, was paid and was forgiven by component. `credited` is principal that came back."""

    def __init__(
        self,
        from_on: date,
        due_on: date,
        *,
        is_down_payment: bool = False,
        is_additional: bool = False,
        is_re_aged: bool = False,
    ) -> None:
        self.from_on, self.due_on = from_on, due_on
        self.is_down_payment, self.is_additional, self.is_re_aged = is_down_payment, is_additional, is_re_aged
        self.owed, self.paid, self.waived = nothing(), nothing(), nothing()
        self.in_advance = self.late = self.credited = self.balance_minor = 0
        self.met_on: date | None = None
        self.charged: list[tuple[date, str, int, int]] = []  # due on, component, minor, place in the record

    def charges_due(self, component: str, on: date, place: int) -> int:
        """What was due of the charges in this instalment, though it falls due later; on the day itself, of those recorded before."""
        due = sum(minor for day, of, minor, at in self.charged if of == component and (day, at) < (on, place))
        return max(0, due - self.paid[component] - self.waived[component])

    def open(self, component: str) -> int:
        """What is still owed of a component."""
        return self.owed[component] - self.paid[component] - self.waived[component]

    @property
    def due_minor(self) -> int:
        """All that falls due."""
        return sum(self.owed.values())

    @property
    def paid_minor(self) -> int:
        """All that was paid."""
        return sum(self.paid.values())

    @property
    def open_minor(self) -> int:
        """All that is still owed."""
        return sum(self.open(component) for component in COMPONENTS)

    def take(self, component: str, funds: int, on: date) -> int:
        """Pay a component as far as the funds reach; how much it took."""
        taken = min(funds, self.open(component))
        if taken <= 0:
            return 0
        self.paid[component] += taken
        if on < self.due_on:
            self.in_advance += taken
        elif on > self.due_on:
            self.late += taken
        self.settle(on)
        return taken

    def settle(self, on: date) -> None:
        """Keep the day on which nothing was left."""
        if self.open_minor > 0:
            self.met_on = None
        elif self.met_on is None:
            self.met_on = on


class Entry:
    """One transaction as the statement shows it. `parts` by component; `balance_minor` is the principal owed after it."""

    def __init__(
        self,
        event: Event,
        kind: str,
        minor: int,
        parts: dict[str, int] | None = None,
        overpaid_minor: int = 0,
    ) -> None:
        self.key, self.on, self.kind, self.minor = event.key, event.on, kind, minor
        self.parts = parts or nothing()
        self.overpaid_minor, self.balance_minor = overpaid_minor, 0
        self.is_reversed = False
        self.of = ""


class Charge:
    """A fee or penalty and what became of it."""

    def __init__(self, event: Charged, component: str, minor: int) -> None:
        self.key, self.name, self.due_on = event.key, event.name, event.on
        self.component, self.minor, self.waived_minor = component, minor, 0


class Book:
    """Rows by due date, entries in order of date, charges as recorded, and money held for the borrower. `replay` alone writes it."""

    def __init__(self, places: dict[str, int] | None = None) -> None:
        self.rows: list[Row] = []
        self.entries: list[Entry] = []
        self.charges: list[Charge] = []
        self.overpaid_minor = self.recovered_minor = self.disbursed_minor = self.kept_back_minor = 0
        self.is_written_off = False
        self.places = places or {}  # of each event in the record

    @property
    def open_minor(self) -> int:
        """All that is owed."""
        return sum(row.open_minor for row in self.rows)

    @property
    def principal_minor(self) -> int:
        """Principal owed."""
        return sum(row.open(PRINCIPAL) for row in self.rows)

    def entry(self, key: str) -> Entry | None:
        """The entry of an event."""
        return next((entry for entry in self.entries if entry.key == key), None)

    def row_of(self, day: date) -> Row:
        """The instalment in whose period the day falls; past the last one, an additional instalment that ends that day."""
        normal = [row for row in self.rows if not row.is_down_payment and not row.is_additional]
        for row in normal:
            if day <= row.due_on and not (row.is_re_aged and row.due_minor == 0):
                return row
        extra = next((row for row in self.rows if row.is_additional), None)
        if extra is None:
            extra = Row(max(row.due_on for row in self.rows), day, is_additional=True)
            self.rows.append(extra)
        extra.due_on = max(extra.due_on, day)
        return extra

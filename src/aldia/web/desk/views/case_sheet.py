"""One case as its screen shows it: asked of the rooms only when a template names it, so that a fragment costs a fragment."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from aldia.access import selectors as access
from aldia.access.permissions import Permission
from aldia.cases import selectors as cases
from aldia.contact import selectors as contact
from aldia.contact.calls import selectors as calls
from aldia.domain.calendars import subdivision_name
from aldia.ledger import selectors as ledger
from aldia.outcomes import selectors as outcomes
from aldia.parties import selectors as parties
from aldia.payments import customer_terms, groups
from aldia.web.desk.forms.payments import amount_text
from aldia.web.desk.views import case_contacts, case_events, case_why, legal_words, words
from aldia.web.desk.views.strategy_words import strategy_why
from aldia.web.ui import formats

if TYPE_CHECKING:
    from aldia.domain.outcomes import Outcome
    from aldia.domain.reach import Reach
    from aldia.outcomes.selectors import TimelineFilter
    from aldia.web.desk.doors import StaffRequest

HISTORY_SHOWN = 9
LIKELY = 3


@dataclass
class CaseSheet:
    """A case, its money, what may be done about it now, and what happened.

    `in_queue`: part of the collector's round. `visit_id`: the task of a visit that is being told, else 0.
    """

    request: StaffRequest = field(repr=False)
    case_id: int
    in_queue: bool = False
    visit_id: int = 0

    @cached_property
    def card(self) -> cases.CaseCard:
        return cases.case(self.request.actor, self.case_id, as_of=self.request.clock.as_of)

    @cached_property
    def regional(self) -> formats.Regional:
        return formats.regional_of(self.request)

    @cached_property
    def can_work(self) -> bool:
        return self.request.actor.may(Permission.WORK_CASES)

    @cached_property
    def can_assign(self) -> bool:
        return self.request.actor.may(Permission.ASSIGN_CASES)

    @cached_property
    def can_limit_credit(self) -> bool:
        return self.request.actor.may(Permission.LIMIT_CREDIT)

    @cached_property
    def can_edit_points(self) -> bool:
        return self.request.actor.may(Permission.EDIT_CONTACT_POINTS)

    @cached_property
    def can_export(self) -> bool:
        return self.request.actor.may(Permission.EXPORT)

    @property
    def suffix(self) -> str:
        """What every address of the round, or of a visit, carries, so that saving leads to the next one."""
        return "?cola=1" if self.in_queue else f"?visita={self.visit_id}" if self.visit_id else ""

    @cached_property
    def crumbs(self) -> list[tuple[str, str]]:
        return [(_("Clientes"), reverse("desk:customers")), (self.card.name, "")]

    @cached_property
    def place(self) -> str:
        """Where the client is, from its address or its region."""
        return self.card.address or subdivision_name(self.card.region)

    @cached_property
    def stage(self) -> words.Stage:
        return words.stage(self.card.stage)

    @cached_property
    def bucket(self) -> dict[str, Any]:
        key, label, step = words.bucket_of(self.card.bucket)
        title = _("Mora %(bucket)s") % {"bucket": label} if step else label
        return {"key": key, "label": label, "step": step, "title": title}

    @cached_property
    def documents(self) -> list[ledger.DocumentLine]:
        return ledger.documents(
            self.request.actor, case_id=self.case_id, as_of=self.request.clock.as_of, is_open=True
        )

    @cached_property
    def lines(self) -> list[dict[str, Any]]:
        """The open documents with the step of their age, the oldest first."""
        return [{"line": line, "step": _step(line.dpd)} for line in self.documents]

    @cached_property
    def balances(self) -> tuple[cases.BalanceFigures, ...]:
        """The money by currency, the case's own first."""
        return self.card.balances

    @cached_property
    def own(self) -> dict[str, Any]:
        """The figures in the case's own currency."""
        card = self.card
        balance = next((row for row in self.balances if row.currency == card.currency), None)
        upcoming = card.total_minor - card.overdue_minor
        later = [
            line
            for line in self.documents
            if line.dpd <= 0 and line.currency == card.currency and line.open_minor > 0
        ]
        return {
            "currency": card.currency,
            "overdue_minor": card.overdue_minor,
            "total_minor": card.total_minor,
            "upcoming_minor": upcoming,
            "upcoming": len(later),
            "next_due_on": min((line.due_on for line in later), default=None),
            "unapplied_minor": balance.unapplied_minor if balance else 0,
        }

    @cached_property
    def others(self) -> list[cases.BalanceFigures]:
        """The money in other currencies, never added to the first."""
        return [
            row
            for row in self.balances
            if row.currency != self.card.currency and (row.total_minor or row.unapplied_minor)
        ]

    @cached_property
    def cheques(self) -> dict[str, Any] | None:
        """The cheques still to fall due, when there are any."""
        held = [
            line
            for line in self.documents
            if line.kind == "cheque" and line.dpd <= 0 and line.currency == self.card.currency
        ]
        if not held:
            return None
        return {"minor": sum(line.open_minor for line in held), "count": len(held), "next_on": held[0].due_on}

    @cached_property
    def credit(self) -> customer_terms.Exposure | None:
        """How the client stands against its credit, where it has a limit."""
        return customer_terms.exposure(self.request.actor, self.case_id)

    @cached_property
    def group(self) -> groups.GroupView | None:
        """The group that the client belongs to, with what it owes together."""
        return groups.group_of_case(self.request.actor, self.case_id)

    @cached_property
    def legal_charges(self) -> list[dict[str, Any]]:
        return legal_words.drawn(self.request, self.case_id)

    @property
    def has_charges_to_claim(self) -> bool:
        return any(row["line"].to_post_minor > 0 for row in self.legal_charges)

    @cached_property
    def can_reverse(self) -> bool:
        return self.request.actor.may(Permission.REVERSE_RECEIPTS)

    @cached_property
    def promise(self) -> outcomes.PromiseLine | None:
        """The promise that the head of the case tells: the one running, else the last that was decided."""
        told = [line for line in self.promises if line.state != "cancelled"]
        running = [line for line in told if line.state == "open"]
        return min(running, key=lambda line: line.due_on) if running else next(iter(told), None)

    @cached_property
    def promises(self) -> list[outcomes.PromiseLine]:
        return outcomes.promises_of_case(self.request.actor, self.case_id)

    @cached_property
    def open_promises(self) -> list[outcomes.PromiseLine]:
        return sorted((line for line in self.promises if line.state == "open"), key=lambda line: line.due_on)

    @cached_property
    def agreements(self) -> list[dict[str, Any]]:
        rows = outcomes.agreements_of_case(self.request.actor, self.case_id)
        names = ("id", "total_minor", "currency")
        told = [(row, words.AGREEMENTS[row.state]) for row in rows if row.state in words.AGREEMENTS]
        return [{name: getattr(row, name) for name in names} | {"word": word} for row, word in told]

    @cached_property
    def disputes(self) -> list[outcomes.DisputeLine]:
        told = outcomes.disputes_of_case(self.request.actor, self.case_id, as_of=self.request.clock.as_of)
        return [line for line in told if line.state == "open"]

    @cached_property
    def tasks(self) -> list[outcomes.AgendaItem]:
        return outcomes.tasks_of_case(self.request.actor, self.case_id, as_of=self.request.clock.as_of)

    @property
    def is_step_a_task(self) -> bool:
        """Whether the next step is one of the tasks already told, and need not be told twice."""
        return any(
            (task.title, task.due_on) == (self.card.next_step, self.card.next_on) for task in self.tasks
        )

    @cached_property
    def reasons(self) -> list[dict[str, Any]]:
        """Why this case now, in words with the figure inside; the strongest weighs 100."""
        return case_why.reasons(self.request, self.card, self.promise)

    @cached_property
    def contacts(self) -> list[dict[str, Any]]:
        """Each channel with whom it reaches and whether the law lets it now."""
        answers = contact.may_contact_now(
            self.request.actor, self.case_id, clock=self.request.clock, language=words.language()
        )
        return [case_contacts.drawn(answer) for answer in answers]

    @cached_property
    def reach(self) -> Reach:
        return contact.reach(self.request.actor, self.case_id, clock=self.request.clock)

    @property
    def reached(self) -> list[dict[str, str]]:
        return case_contacts.reached(self.reach)

    @cached_property
    def line(self) -> calls.Line:
        """The reader's telephone line; while it is not open, a number is a link for their own telephone."""
        return calls.line_of(self.request.actor)

    @property
    def reachable(self) -> list[dict[str, Any]]:
        """The channels for which there is somewhere to write or call, in their fixed order."""
        return [row for row in self.contacts if row["to"]]

    @property
    def unreachable(self) -> str:
        """The names of the other channels, as a list in words: «SMS, carta y visita»."""
        return case_contacts.listed([row["name"] for row in self.contacts if not row["to"]])

    @property
    def law(self) -> list[dict[str, Any]]:
        """What the law answers, the channels with the same answer together."""
        return case_contacts.by_answer(self.reachable)

    @cached_property
    def points(self) -> list[Any]:
        return parties.points(self.request.actor, self.card.party_id, self.card.creditor_id)

    @property
    def point_rows(self) -> list[dict[str, Any]]:
        """The contact points with their icon and as people read them."""
        return [case_contacts.point(row) for row in self.points]

    @cached_property
    def team(self) -> list[Any]:
        return list(access.members(self.request.actor))

    @cached_property
    def files(self) -> dict[int, list[Any]]:
        """The stored files of the open documents, by document."""
        found: dict[int, list[Any]] = {}
        for document_id, stored in ledger.files(
            self.request.actor, document_ids=[line.id for line in self.documents]
        ):
            found.setdefault(document_id, []).append(stored)
        return found

    @cached_property
    def outcomes(self) -> list[Outcome]:
        return [
            outcome for outcome in outcomes.outcome_tree(self.request.actor).outcomes if outcome.is_active
        ]

    @cached_property
    def outcome_keys(self) -> list[dict[str, Any]]:
        """The outcomes with a letter, in the order of the bar; the first three are the likely ones of the phone."""
        lettered = [outcome for outcome in self.outcomes if outcome.letter]
        return [
            {
                "key": each.key,
                "letter": each.letter,
                "word": _bar_word(each),
                "likely": at < LIKELY,
                "is_whatsapp": each.key == "whatsapp",
            }
            for at, each in enumerate(lettered)
        ]

    @cached_property
    def other_outcomes(self) -> list[dict[str, str]]:
        """The outcomes without a letter, behind «Otro»; of a visit, all."""
        rest = [outcome for outcome in self.outcomes if self.visit_id or not outcome.letter]
        return [{"key": each.key, "word": each.label.of(words.language())} for each in rest]

    @cached_property
    def busy(self) -> str:
        """Who else is in the case now, or nothing."""
        card, until = self.card, self.card.reserved_until_at
        is_other = card.reserved_by_id not in (None, self.request.actor.user_id)
        return card.reserved_by_name if is_other and until and until > self.request.clock.now else ""

    @cached_property
    def minutes_left(self) -> str:
        """How long the case is still reserved for the reader: `6:12`."""
        card, until = self.card, self.card.reserved_until_at
        now = self.request.clock.now
        if card.reserved_by_id != self.request.actor.user_id or until is None or until <= now:
            return ""
        seconds = int((until - now).total_seconds())
        return f"{seconds // 60}:{seconds % 60:02}"

    def events(self, wanted: TimelineFilter | None = None) -> list[dict[str, Any]]:
        """The history as it is drawn, the newest first."""
        return case_events.told(self.request, self.case_id, wanted)

    @cached_property
    def latest(self) -> list[dict[str, Any]]:
        return self.events(outcomes.TimelineFilter(limit=HISTORY_SHOWN))

    @cached_property
    def last_outcome(self) -> dict[str, Any] | None:
        """What the reader saved last in this session, while it may be undone."""
        found = self.request.session.get("last_outcome")
        return found if isinstance(found, dict) else None

    @property
    def overdue_text(self) -> str:
        """All that is overdue, as it is written in an amount field."""
        return amount_text(
            self.card.overdue_minor or self.card.total_minor, self.card.currency, self.regional.locale
        )

    @property
    def channel_options(self) -> list[tuple[str, str]]:
        return [(key, str(name)) for key, (name, _icon) in words.CHANNELS.items()]

    @property
    def kinds(self) -> list[tuple[str, str]]:
        return words.options(words.EVENT_KINDS.items())

    @property
    def kind_word(self) -> str:
        return dict(self.kinds).get(self.request.GET.get("tipo", ""), _("Todo"))

    @cached_property
    def why(self) -> list[str]:
        """What the strategy says about the case, once that room tells it."""
        return strategy_why(self.request.actor, self.case_id)

    @cached_property
    def promise_word(self) -> str:
        """What came of the promise in few words: «vie 20 nov, no llegó»."""
        if self.promise is None:
            return ""
        on = formats.day(self.promise.due_on, self.regional.today)
        is_late = self.promise.due_on < self.request.clock.as_of
        told = {
            "open": _("%(on)s, aún no llega") if is_late else _("para el %(on)s"),
            "broken": _("%(on)s, no llegó"),
            "partial": _("%(on)s, llegó una parte"),
            "kept": _("%(on)s, cumplió"),
        }
        return told.get(self.promise.state, "%(on)s") % {"on": on}

    @cached_property
    def upcoming_word(self) -> str:
        """How many documents are still to fall due and when the first does."""
        if not self.own["upcoming"]:
            return ""
        upcoming = self.own["upcoming"]
        count = ngettext("%(count)s documento", "%(count)s documentos", upcoming) % {"count": upcoming}
        return f"{count}, {formats.day(self.own['next_due_on'], self.regional.today, weekday=False)}"


def _step(days: int) -> int:
    if days <= 0:
        return 0
    edges = (30, 60, 90)
    return words.RAMP[1 + sum(days > edge for edge in edges)]


def _bar_word(outcome: Outcome) -> str:
    word = outcome.label.of(words.language())
    return word.split()[0] if len(word) > 12 and outcome.key == "plan" else word

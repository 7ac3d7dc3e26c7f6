"""Lines that wait find their clients: by themselves above the organisation's threshold, else with candidates for the desk."""

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from itertools import chain
from typing import Any

import polars as pl
from django.db import transaction
from django.utils.translation import gettext as _

from aldia.access import audit
from aldia.access import services as access_services
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.db.frames import read_queryset, update_from_frame, write_frame
from aldia.db.locks import named_lock
from aldia.db.pace import Pace, paced
from aldia.domain.loans.indexed import UnitValue
from aldia.domain.matching import Client, Debt, Policy, Proposal, judge, rank, squeezed
from aldia.ledger.indexed import values_of_units
from aldia.payments.models import BankAccount, BankLine, BankMatch, LineState
from aldia.payments.received import received, untied
from aldia.payments.reconciliation import policy_of, reasons_of, told_by_bank
from aldia.payments.services.bulk import ReceiptSet, register_frame
from aldia.payments.services.finding import House
from aldia.payments.services.lines import SOURCE, receipt_reference
from aldia.payments.services.receipts import ReceiptDraft, register_receipt
from aldia.payments.services.returning import take_back_returned

LOWEST = 80
"""No organisation may apply money by itself below this confidence."""

_COLUMNS: dict[str, Any] = {
    "id": pl.Int64, "booked_on": pl.Date, "amount_minor": pl.Int64, "reference": pl.String, "text": pl.String,
    "payer": pl.String, "payer_account": pl.String, "payer_tax_id": pl.String,
}  # fmt: skip
_BATCH = 10_000


class BadPolicy(ValueError):
    """Raised when a threshold, a tolerance or a rate cannot be."""


@dataclass
class Matched:
    """What a run of matching did: lines applied by themselves, payments taken back, and lines left to people."""

    automatic: int = 0
    returned: int = 0
    waiting: int = 0


@dataclass
class _Chosen:
    """The lines of one batch, judged: (line, client, proposal) to apply, those that pay debts in units apart, and the candidates
    of the rest."""

    automatic: list[tuple[dict[str, Any], int, Proposal]] = field(default_factory=list)
    in_units: list[tuple[dict[str, Any], int, Proposal]] = field(default_factory=list)
    known: list[tuple[dict[str, Any], Proposal]] = field(default_factory=list)  # no new money
    shares: list[tuple[str, int, int]] = field(default_factory=list)  # reference, document, amount
    waiting: list[tuple[int, str, int]] = field(default_factory=list)  # line, candidates, confidence


def match_lines(
    *,
    actor: Actor,
    clock: Clock,
    bank_account_id: int | None = None,
    on_step: Callable[[int, int], None] = lambda done, total: None,
) -> Matched:
    """Judge every line that waits; apply the sure ones, in short transactions. `on_step` is told lines done and in all.

    A line that a person undid is only given candidates; so is one dated after the organisation's day. Raises NotAllowed.
    """
    actor.check(Permission.REGISTER_RECEIPTS)
    result, policy = Matched(), policy_of(actor)
    accounts = BankAccount.objects.of(actor.organisation_id).order_by("pk")
    for account in accounts.filter(pk=bank_account_id) if bank_account_id else accounts:
        result.returned += take_back_returned(actor=actor, account=account, clock=clock)
        waiting = _waiting(account)
        if waiting.is_empty():
            continue
        here = received(actor, waiting, creditor_id=account.creditor_id, currency=account.currency)
        run = _Run(actor, account, House.of(account, here), policy, clock)
        done, pace = 0, Pace()
        for part in chain.from_iterable(paced(batch, pace) for batch in waiting.iter_slices(_BATCH)):
            with named_lock("payments.matching", account.pk):
                run.take(part, result)
            done += part.height
            on_step(done, waiting.height)
    return result


def _waiting(account: BankAccount) -> pl.DataFrame:
    rows = BankLine.objects.of(account.organisation_id).filter(
        bank_account=account, state=LineState.WAITING, amount_minor__gt=0
    )
    return read_queryset(rows.order_by("booked_on", "id"), _COLUMNS)


class _Run:
    """One account's lines against one house, batch after batch; what a line takes is no longer there for the next."""

    def __init__(
        self, actor: Actor, account: BankAccount, house: House, policy: Policy, clock: Clock
    ) -> None:
        self.actor, self.account, self.house, self.policy, self.clock = actor, account, house, policy, clock
        self.portfolios = dict(house.accounts.select("account_id", "portfolio_id").iter_rows())
        self.times = house.times()
        self.taken: dict[int, int] = {}
        self.values: dict[date, dict[str, UnitValue]] = {}  # of units, by day
        self.told: set[int] = set()  # receipts that a line of this run told again

    def take(self, lines: pl.DataFrame, result: Matched) -> None:
        """Judge and write one batch."""
        still = BankLine.objects.of(self.actor.organisation_id).filter(
            pk__in=lines["id"].to_list(), state=LineState.WAITING
        )
        lines = lines.filter(pl.col("id").is_in(list(still.values_list("pk", flat=True))))
        chosen = self._judged(lines)
        self._apply(chosen)
        self._apply_in_units(chosen)
        self._tie(chosen.known)
        schema = {"id": pl.Int64, "candidates": pl.String, "confidence": pl.Int16}
        rows = pl.DataFrame(chosen.waiting, schema=schema, orient="row")
        update_from_frame(BankLine, rows, key="id", columns=["candidates", "confidence"])
        result.automatic += len(chosen.automatic) + len(chosen.in_units) + len(chosen.known)
        result.waiting += len(chosen.waiting)

    def _judged(self, lines: pl.DataFrame) -> _Chosen:
        pairs = self.house.pairs(lines)
        clients = self.house.clients(pairs["account_id"].unique())
        by_line = dict(pairs.group_by("line_id").agg("account_id").iter_rows())
        touched = set(
            BankMatch.objects.of(self.actor.organisation_id)
            .filter(line_id__in=lines["id"].to_list()).values_list("line_id", flat=True)
        )  # fmt: skip
        chosen = _Chosen()
        for row in lines.iter_rows(named=True):
            line = told_by_bank(row)
            now = {key: self._now(clients[key], row) for key in by_line.get(row["id"], ())}
            judged = (judge(line, client, self.policy) for client in now.values())
            ranked = rank(each for each in judged if each is not None)
            can_be_sure = row["id"] not in touched and row["booked_on"] <= self.clock.as_of
            if ranked and can_be_sure and self._is_sure(row, now[ranked[0].client], ranked[0]):
                self._choose(chosen, row, now[ranked[0].client], ranked[0])
            else:
                names = json.dumps([each.client for each in ranked])
                chosen.waiting.append((row["id"], names, ranked[0].confidence if ranked else 0))
        return chosen

    def _now(self, client: Client, row: dict[str, Any]) -> Client:
        """The client with what is still open in this run, and what is remembered of the line's payer."""
        open_now = (replace(debt, minor=self._open_minor(debt, row["booked_on"])) for debt in client.debts)
        return replace(
            client, debts=tuple(debt for debt in open_now if debt.minor > 0),
            by_account=self.times.get(("account", squeezed(row["payer_account"]), client.key), 0),
            by_name=self.times.get(("name", squeezed(row["payer"]), client.key), 0),
            received=tuple(each for each in client.received if self.told.isdisjoint(dict(each.receipts))),
        )  # fmt: skip

    def _open_minor(self, debt: Debt, on: date) -> int:
        """What is left of a debt in this run. One in units is worth what its unit was that day: nothing where nobody said it, or
        where an earlier line of the run paid of it, since the books say what is left then."""
        taken = self.taken.get(debt.document, 0)
        if not debt.unit:
            return debt.minor - taken
        if on not in self.values:
            self.values[on] = values_of_units(self.actor.organisation_id, self.account.currency, on)
        value = self.values[on].get(debt.unit)
        return value.to_currency(debt.minor) if value and not taken else 0

    def _is_sure(self, row: dict[str, Any], client: Client, best: Proposal) -> bool:
        """Above the threshold, and all of the money goes to the documents that it speaks of, or is here already: a person looks at
        what is over."""
        left = sum(_left(client, best).values())
        is_whole = bool(best.receipts) or left >= row["amount_minor"]
        return best.confidence >= max(self.policy.threshold, LOWEST) and is_whole

    def _choose(self, chosen: _Chosen, row: dict[str, Any], client: Client, best: Proposal) -> None:
        if best.receipts:
            self.told.update(dict(best.receipts))
            chosen.known.append((row, best))
            return
        reference = receipt_reference(row["id"], row["reference"], row["booked_on"], 0)
        in_units = any(debt.unit for debt in client.debts if debt.document in best.documents)
        rest = row["amount_minor"]
        for document, left in _left(client, best).items():
            given = min(rest, left)
            if given:
                self.taken[document] = self.taken.get(document, 0) + given
                rest -= given
                if not in_units:
                    chosen.shares.append((reference, document, given))
        (chosen.in_units if in_units else chosen.automatic).append((row, client.key, best))

    def _apply(self, chosen: _Chosen) -> None:
        if not chosen.automatic:
            return
        rows = pl.DataFrame(
            [
                _receipt_row(row, account_id, self.portfolios[account_id], best)
                for row, account_id, best in chosen.automatic
            ],
            schema_overrides={"on": pl.Date},
        )
        schema = {"reference": pl.String, "document_id": pl.Int64, "amount_minor": pl.Int64}
        named = pl.DataFrame(chosen.shares, schema=schema, orient="row")
        for (portfolio_id,), part in rows.partition_by("portfolio_id", as_dict=True).items():
            done = register_frame(
                actor=self.actor,
                told=ReceiptSet(
                    portfolio_id=int(str(portfolio_id)),
                    source=SOURCE,
                    named=named,
                    receipts=part.select(
                        "account_id",
                        "amount_minor",
                        "on",
                        "reference",
                        "payer",
                        "text",
                        currency=pl.lit(self.account.currency),
                        means=pl.lit("transfer"),
                    ),
                ),
                clock=self.clock,
            )
            self._keep(part.join(done.receipts, on="reference"))
        audit.record(
            actor=self.actor, verb="payments.lines.match", object_type="bank_account", object_id=self.account.pk,
            now=self.clock.now, data={"lines": rows.height},
        )  # fmt: skip

    def _apply_in_units(self, chosen: _Chosen) -> None:
        """Register one by one what pays debts in units: the day's value is kept with each, by the same rule as at the counter."""
        kept = []
        for row, account_id, best in chosen.in_units:
            told = _receipt_row(row, account_id, self.portfolios[account_id], best)
            receipt = register_receipt(
                actor=self.actor,
                draft=ReceiptDraft(
                    portfolio_id=told["portfolio_id"],
                    case_id=account_id,
                    amount_minor=told["amount_minor"],
                    currency=self.account.currency,
                    on=told["on"],
                    means="transfer",
                    source=SOURCE,
                    reference=told["reference"],
                    document_ids=best.documents,
                    note=told["text"],
                    payer=told["payer"],
                ),
                clock=self.clock,
            )
            kept.append({**told, "receipt_id": receipt.pk})
        if kept:
            self._keep(pl.DataFrame(kept))

    def _tie(self, known: list[tuple[dict[str, Any], Proposal]]) -> None:
        """Say which lines are receipts that were here before them; nothing is posted. Those that a person tied meanwhile wait."""
        asked = [receipt_id for _row, best in known for receipt_id, _minor in best.receipts]
        rows = untied(self.actor.organisation_id).filter(pk__in=asked).select_for_update(of=("self",))
        free = set(rows.values_list("pk", flat=True))
        tied = [
            {"line_id": row["id"], "receipt_id": receipt_id, "amount_minor": minor, "confidence": best.confidence,
             "reasons": _written(best)}
            for row, best in known if free.issuperset(dict(best.receipts)) for receipt_id, minor in best.receipts
        ]  # fmt: skip
        if tied:
            self._keep(pl.DataFrame(tied))
            audit.record(
                actor=self.actor, verb="payments.lines.known", object_type="bank_account", object_id=self.account.pk,
                now=self.clock.now, data={"receipts": len(tied)},
            )  # fmt: skip

    def _keep(self, done: pl.DataFrame) -> None:
        who = {"decided_by": pl.lit(self.actor.label), "decided_at": pl.lit(self.clock.now)}
        write_frame(BankMatch, done.select(
            "line_id", "receipt_id", "amount_minor", "confidence", "reasons", **who, is_automatic=pl.lit(True),
            organisation_id=pl.lit(self.actor.organisation_id, pl.Int64), undone_at=pl.lit(None, pl.Date),
        ))  # fmt: skip
        lines = done.unique("line_id", maintain_order=True).select(
            "confidence",
            id="line_id",
            state=pl.lit(LineState.APPLIED.value),
            is_automatic=pl.lit(True),
            **who,
        )
        update_from_frame(
            BankLine,
            lines,
            key="id",
            columns=["state", "is_automatic", "confidence", "decided_by", "decided_at"],
        )


def _left(client: Client, best: Proposal) -> dict[int, int]:
    owed = {debt.document: debt.minor for debt in client.debts}
    return {key: owed[key] for key in best.documents}


def _receipt_row(row: dict[str, Any], account_id: int, portfolio_id: int, best: Proposal) -> dict[str, Any]:
    on: date = row["booked_on"]
    return {
        "line_id": row["id"], "account_id": account_id, "portfolio_id": portfolio_id, "amount_minor": row["amount_minor"],
        "on": on, "reference": receipt_reference(row["id"], row["reference"], on, 0), "payer": row["payer"],
        "text": row["text"], "confidence": best.confidence, "reasons": _written(best),
    }  # fmt: skip


def _written(best: Proposal) -> str:
    return json.dumps(reasons_of(best), ensure_ascii=False)


@transaction.atomic
def change_policy(*, actor: Actor, policy: Policy, clock: Clock) -> None:
    """Keep how the organisation matches. Raises BadPolicy, NotAllowed."""
    actor.check(Permission.EDIT_SETTINGS)
    if not LOWEST <= policy.threshold <= 100:
        raise BadPolicy(
            _("El umbral va de %(lowest)s a 100; se recibió %(found)s.")
            % {"lowest": LOWEST, "found": policy.threshold}
        )
    if policy.tolerance_minor < 0 or any(not 0 < rate < 10_000 for rate in policy.withholding_rates):
        raise BadPolicy(_("La tolerancia no puede ser negativa, y una retención va de 0,01 a 99,99 %."))
    access_services.change_settings(actor=actor, now=clock.now, settings={"reconciliation": asdict(policy)})

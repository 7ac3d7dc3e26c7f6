"""A real Tryton linked both ways: `./aldia bench link`. Nothing counts twice, whatever falls between the two.

Tryton (trytond and account_invoice, from the Python index as pip is configured here) is installed in an environment of its own
(`--url` names a folder to keep it in), fills its own SQLite with invoices posted by its own models, and serves its public JSON-RPC.
aldia, over a disposable database, reads it, takes payments, writes them there and reads again. After each act the balance of every
open document is compared with what Tryton calls `amount_to_pay`. Prints each act as a JSON line, then a sum; 1 if one differs.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from benchmarks import disposable
from benchmarks.peers import environment

if TYPE_CHECKING:
    from aldia.intake.links.protocol import LinkAddress

PACKAGES: Final = ("trytond", "trytond_account_invoice")
THERE: Final = Path(__file__).with_name("link_tryton.py")
CENTS: Final = 100


def main() -> int:
    """Return the exit code."""
    parser = argparse.ArgumentParser(prog="aldia bench link", description=__doc__)
    disposable.add_options(parser, n=1)
    parser.add_argument(
        "--url", metavar="CARPETA", help="dónde queda el entorno de Tryton (una carpeta que se borra)"
    )
    options = parser.parse_args()
    os.environ["ALDIA_WEBHOOKS_INSIDE"] = "1"  # the Tryton of the proof is on this machine
    with tempfile.TemporaryDirectory(prefix="aldia-link-") as folder:
        begun = time.monotonic()
        python = environment(Path(options.url or Path(folder) / "tryton"), PACKAGES)
        with disposable.database(is_postgresql=options.postgresql) as kind:
            from django.utils import timezone

            with served(python, Path(folder), timezone.now().date().isoformat()) as (port, told):
                made = round(time.monotonic() - begun, 1)
                begun = time.monotonic()
                acts = Proof(f"http://127.0.0.1:{port}", told).lived()
    differences = [act for act in acts if act["differs"]]
    print(json.dumps({
        "bench": "link", "database": kind, "tryton": told["version"], "set_up_seconds": made, "acts": len(acts),
        "seconds": round(time.monotonic() - begun, 1), "differences": len(differences),
    }))  # fmt: skip
    return 1 if differences else 0


@contextmanager
def served(python: Path, folder: Path, today: str) -> Iterator[tuple[int, dict[str, Any]]]:
    """Yield the port of a Tryton with its invoices, and who signs in; stopped at the end."""
    place = folder / "books"
    place.mkdir()
    words = [str(python), str(THERE), str(place), "--today", today]
    with (folder / "tryton.log").open("w") as log:
        server = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=log, text=True)
        try:
            line = server.stdout.readline() if server.stdout else ""
            if not line:
                sys.exit(f"Tryton no arrancó: {(folder / 'tryton.log').read_text()[-800:]}")
            told = json.loads(line)
            yield told["port"], told
        finally:
            server.terminate()
            server.wait(timeout=60)


class Proof:
    """An organisation, live, with its link; each act is followed by the comparison."""

    def __init__(self, url: str, told: dict[str, Any]) -> None:
        from django.utils import timezone

        from aldia.access import services as access
        from aldia.access.actors import Clock, system
        from aldia.intake import services as intake
        from aldia.intake.links.protocol import LinkAddress

        self.now = timezone.now()
        house = access.create_organisation(
            key="prueba", name="Prueba", country="AR", currency="USD", now=self.now, is_sandbox=False
        )
        self.actor, self.clock = system(house.pk), Clock(self.now.date(), self.now)
        self.address = LinkAddress(url, "tryton", told["user"], told["password"])
        draft = intake.LinkDraft("tryton", url, "tryton", told["user"], told["password"], "Tryton")
        intake.set_link(actor=self.actor, draft=draft, now=self.now - timedelta(seconds=1))
        self.acts: list[dict[str, Any]] = []

    def lived(self) -> list[dict[str, Any]]:
        """Return the acts, each with where aldia and Tryton differ."""
        self._act("first turn", self._turn)
        self._act("second turn changes nothing", self._turn)
        self._act("paid here in part, not told yet", lambda: self._pay("1", 40_000, "R-1"), is_told=False)
        self._act("told and read", self._turn)
        self._act("again", self._turn)
        self._act("paid here whole", lambda: self._pay("3", 30_000, "R-2"), is_told=False)
        self._act("the answer is lost after the draft", lambda: self._falls("post"), is_told=False)
        self._act("taken up again", self._turn)
        self._act(
            "paid here, in two parts", lambda: self._pay("2/1", 30_000, "R-3", more=("2/2",)), is_told=False
        )
        self._act("the answer is lost after the posting", lambda: self._falls("write"), is_told=False)
        self._act("taken up again, everything read", lambda: self._turn(is_full=True))
        self._act("paid there", lambda: self._paid_there("1", 100), is_told=False)
        self._act("and read", self._turn)
        self._act(
            "paid here and there at once",
            lambda: (self._pay("1", 50_000, "R-4"), self._paid_there("1", 500))[0],
            is_told=False,
        )
        self._act("the excess is a credit", self._turn)
        self._act("a receipt is reversed", lambda: self._reverse("R-2"), is_told=False)
        self._act("and taken back there", self._turn)
        self._act("last turn, everything read", lambda: self._turn(is_full=True))
        return self.acts

    def _act(self, name: str, done: Callable[[], Any], *, is_told: bool = True) -> None:
        told = done()
        differs = self._differences() if is_told else []
        self.acts.append({"act": name, "told": told, "differs": differs})
        print(json.dumps(self.acts[-1], default=str), flush=True)

    def _turn(self, **asked: Any) -> dict[str, Any]:
        from dataclasses import asdict

        from aldia.intake import services as intake

        turn = intake.sync(actor=self.actor, clock=self.clock, real_now=self._later(), **asked)
        return {name: value for name, value in asdict(turn).items() if value}

    def _falls(self, word: str) -> str:
        """A turn whose connection is cut when Tryton has done what a call with this word asks, and cannot say so."""
        from aldia.intake import services as intake

        turn = intake.sync(
            actor=self.actor,
            clock=self.clock,
            real_now=self._later(),
            open_books=lambda address: self._cut(address, word),
        )
        return (turn.problem or {}).get("code", "")

    def _cut(self, address: LinkAddress, word: str) -> Any:
        import httpx

        from aldia.intake.links.tryton.books import TrytonBooks

        class Cut(httpx.HTTPTransport):
            def handle_request(self, request: httpx.Request) -> httpx.Response:
                answer = super().handle_request(request)
                if f'.{word}"' in request.read().decode():
                    answer.read()
                    raise httpx.ReadTimeout("cut", request=request)
                return answer

        return TrytonBooks(address, transport=Cut())

    def _pay(self, number: str, minor: int, reference: str, more: tuple[str, ...] = ()) -> int:
        from aldia.ledger import facts as ledger
        from aldia.payments import services as payments

        held = ledger.known_documents(self.actor.organisation_id, portfolio_id=self._portfolio())
        rows = {row["number"]: row for row in held.iter_rows(named=True)}
        receipt = payments.register_receipt(
            actor=self.actor,
            draft=payments.ReceiptDraft(
                portfolio_id=self._portfolio(),
                case_id=rows[number]["account_id"],
                amount_minor=minor,
                currency="USD",
                on=self.clock.as_of,
                means="transferencia",
                source="desk",
                reference=reference,
                document_ids=[rows[name]["document_id"] for name in (number, *more)],
            ),
            clock=replace(self.clock, now=self._later()),
        )
        return receipt.pk

    def _reverse(self, reference: str) -> int:
        from aldia.payments import facts
        from aldia.payments import services as payments

        frame = facts.receipt_frame(self.actor.organisation_id)
        key = frame.filter(frame["reference"] == reference)["receipt_id"][0]
        payments.reverse_receipt(
            actor=self.actor, receipt_id=key, reason="rebotó", on=self.clock.as_of, clock=self.clock
        )
        return int(key)

    def _paid_there(self, number: str, amount: int) -> int:
        """Somebody pays an invoice in Tryton, as its own client does: with its wizard."""
        from decimal import Decimal

        with self._session() as session:
            (invoice,) = session.ids("account.invoice", [["number", "=", number]])
            (method,) = session.ids("account.invoice.payment.method", [])
            start = {
                "payee": session.read("account.invoice", [invoice], ["party"])[invoice]["party"], "amount": Decimal(amount),
                "currency": session.read("account.invoice", [invoice], ["currency"])[invoice]["currency"], "payment_method": method,
                "date": self.clock.as_of, "description": "en el mostrador",
            }  # fmt: skip
            about = {"active_model": "account.invoice", "active_ids": [invoice], "active_id": invoice}
            key, *_rest = session.call("wizard.account.invoice.pay.create", **about)
            view = session.call(
                "wizard.account.invoice.pay.execute", key, {"start": start}, "choice", **about
            )
            if "view" in view:
                shown = {name: value for name, value in view["view"]["defaults"].items() if "." not in name}
                form = {"start": start, "ask": {**shown, "type": "partial"}}
                session.call("wizard.account.invoice.pay.execute", key, form, "pay", **about)
        return amount * CENTS

    def _differences(self) -> list[dict[str, Any]]:
        """Invoice by invoice, what aldia holds against what Tryton says is left to pay; and every customer's whole balance."""
        from aldia.ledger import facts as ledger

        held = ledger.known_documents(self.actor.organisation_id, portfolio_id=self._portfolio())
        ours: dict[str, int] = {}
        for number, minor in held.select("number", "balance_minor").iter_rows():
            name = number.partition("/")[0]
            ours[name] = ours.get(name, 0) + minor
        with self._session() as session:
            rows = session.read(
                "account.invoice", session.ids("account.invoice", []), ["number", "amount_to_pay"]
            )
        theirs = {row["number"]: int((row["amount_to_pay"] or 0) * CENTS) for row in rows.values()}
        names = sorted(set(ours) & set(theirs))
        return [
            {"invoice": name, "aldia": ours[name], "tryton": theirs[name]}
            for name in names
            if ours[name] != theirs[name]
        ]

    @contextmanager
    def _session(self) -> Iterator[Any]:
        from aldia.intake.links.tryton.rpc import Session

        session = Session(self.address)
        try:
            session.open()
            yield session
        finally:
            session.close()

    def _portfolio(self) -> int:
        from aldia.ledger import selectors

        return int(selectors.portfolios(self.actor).get(key="tryton").pk)

    def _later(self) -> Any:
        self.now += timedelta(seconds=1)
        return self.now


if __name__ == "__main__":
    sys.exit(main())

"""A company for the screens of the desk: a user of every role, two portfolios, forty clients with documents of all ages.

`make_desk(key)` leaves what a working Tuesday leaves: promises kept, broken and open, a plan, a dispute, notes, messages in
the sandbox mailbox, receipts, a hold, alarms and news. The sandbox clock stands on TODAY. People and figures are invented.
"""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any, Final

import polars as pl

from aldia.access import services as access
from aldia.access.actors import Actor, Clock, member, system
from aldia.access.models import Organisation, Team, User
from aldia.cases import services as cases
from aldia.cases.models import Case
from aldia.contact import services as contact
from aldia.ledger import services as ledger
from aldia.outcomes import services as outcomes
from aldia.parties import services as parties
from aldia.payments import services as payments
from aldia.payments.models import Receipt

TODAY: Final = date(2026, 11, 24)  # a Tuesday
NOW: Final = datetime(2026, 11, 24, 13, 12, tzinfo=UTC)  # 10:12 in Buenos Aires
PASSWORD: Final = "una clave larga"
ROLES: Final = {
    "ana": ("Julieta Sosa", "COLLECTOR"),
    "bruno": ("Lautaro Funes", "COLLECTOR"),
    "supervisor": ("Rocío Paz", "SUPERVISOR"),
    "manager": ("Marta Ledesma", "MANAGER"),
    "administrator": ("Iván Torres", "ADMINISTRATOR"),
    "auditor": ("Olga Vera", "AUDITOR"),
}
"""Login -> name and role; the address is `<login>@<key>.example`."""

_NAMES: Final = (
    "Ferretería El Algarrobo S.R.L.", "Transportes Cauquén S.A.", "Panificadora Doña Herminia", "Agroinsumos Tres Lomas S.A.",
    "Marcela Quiroga", "Constructora Valle Hermoso", "Kiosco La Esquina de Tito", "Maderas del Litoral S.R.L.",
    "Óptica Visión Sur", "Textiles Ñandú S.A.", "Farmacia San Roque", "Bodega Alto Verde", "Metalúrgica Río Tercero",
    "Librería El Ateneo Chico", "Hotel Costa Serena", "Distribuidora Pampa", "Frigorífico La Querencia", "Imprenta Güemes",
    "Gráfica Norte S.A.", "Supermercado Los Álamos", "Viveros del Sur", "Autopartes Belgrano", "Clínica Santa Lucía",
    "Electrónica Patagonia", "Pinturería Arcoíris", "Repuestos Don Julio", "Heladería Nevada", "Corralón La Unión",
    "Zapatería Paso Firme", "Mueblería Roble", "Veterinaria Huellas", "Seguros Confluencia", "Estudio Jurídico Peña",
    "Lácteos La Cumbre", "Molino Harinero Oeste", "Pesquera Austral", "Taller Los Hermanos", "Vidriería Cristal",
    "Yerbatera Misiones", "Zingaretti e Hijos",
)  # fmt: skip
_AGES: Final = (26, 52, 19, 44, 11, 37, 9, 58, 14, 75, 3, 120, 0, 210, -12)
_MINOR: Final = (
    186_400_00,
    1_284_600_00,
    312_480_50,
    2_750_000_00,
    84_990_00,
    918_720_00,
    46_310_00,
    1_536_900_75,
    129_000_00,
)


@dataclass
class Desk:
    """The organisation, who works there, its cases in the order of the names, and its clock."""

    organisation: Organisation
    system: Actor
    portfolio_id: int
    other_portfolio_id: int
    creditor_id: int
    users: dict[str, User]
    actors: dict[str, Actor]
    team_id: int
    case_ids: list[int]
    clock: Clock = field(default_factory=lambda: Clock(TODAY, NOW))
    clicks: int = 0

    @property
    def ana(self) -> Actor:
        return self.actors["ana"]

    def login(self, client: Any, who: str = "ana") -> Any:
        """Return the test client, signed in as one of the users."""
        client.force_login(self.users[who], backend="django.contrib.auth.backends.ModelBackend")
        return client

    def case(self, number: int = 0) -> Case:
        return Case.objects.of(self.organisation).get(pk=self.case_ids[number])

    def receives(
        self,
        case_id: int,
        minor: int,
        *,
        on: date = TODAY,
        reference: str,
        clock: Clock | None = None,
        portfolio_id: int = 0,
    ) -> Receipt:
        """Register a transfer of a case, in the first portfolio unless told otherwise."""
        draft = payments.ReceiptDraft(
            portfolio_id=portfolio_id or self.portfolio_id, case_id=case_id, amount_minor=minor, currency="ARS", on=on,
            means="transfer", source="bank", reference=reference,
        )  # fmt: skip
        return payments.register_receipt(actor=self.system, draft=draft, clock=clock or self.clock)

    def log(self, number: int, type_key: str, *, days_ago: int = 0, **answers: Any) -> Any:
        """Save an outcome of a case, by Julieta, some days ago."""
        self.clicks += 1
        clock = Clock(TODAY - timedelta(days=days_ago), NOW - timedelta(days=days_ago, minutes=self.clicks))
        return outcomes.log_outcome(
            actor=self.ana,
            case_id=self.case_ids[number],
            draft=outcomes.OutcomeDraft(
                type_key=type_key,
                channel=answers.pop("channel", "call"),
                answers=answers,
                client_id=f"{self.organisation.key}-{self.clicks}",
                seconds=answers.pop("seconds", None),
            ),
            clock=clock,
        )


def make_desk(key: str = "andina") -> Desk:
    """Return a new organisation at work. The same key twice in one database is refused by its constraint."""
    organisation = access.create_organisation(
        key=key,
        name="Distribuidora Andina",
        country="AR",
        currency="ARS",
        now=NOW,
        locale="es_AR",
        sandbox_on=TODAY,
    )
    actor = system(organisation.pk)
    team = Team.objects.of(organisation).get(key="cobranzas")
    users, actors = _staff(organisation, actor, key, team)
    creditor = ledger.ensure_creditor(
        actor=actor,
        key="andina",
        name="Distribuidora Andina",
        now=NOW,
        email="cobranzas@andina.example",
        phone="+54 351 555-0100",
    )
    kind = {"country": "AR", "debt_kind": "commercial", "debtor_kind": "business", "actor_kind": "creditor"}
    owned = {"actor": actor, "creditor_id": creditor.pk, "now": NOW, **kind}
    first = ledger.ensure_portfolio(key="mayorista", name="Mayorista AR", currency="ARS", **owned)
    other = ledger.ensure_portfolio(key="export", name="Exportación", currency="USD", **owned)
    desk = Desk(organisation, actor, first.pk, other.pk, creditor.pk, users, actors, team.pk, [])
    contact.ensure_templates(organisation_id=organisation.pk, now=NOW)
    outcomes.ensure_outcome_tree(organisation_id=organisation.pk)
    _debts(desk, _people(desk))
    cases.open_missing(actor=actor, as_of=TODAY, now=NOW)
    cases.refresh(actor=actor, case_ids=None, as_of=TODAY, now=NOW)
    _hand_out(desk)
    _work(desk)
    _news(desk)
    return desk


def _staff(
    organisation: Organisation, actor: Actor, key: str, team: Team
) -> tuple[dict[str, User], dict[str, Actor]]:
    users, actors = {}, {}
    for login, (name, role) in ROLES.items():
        email = f"{login}@{key}.example"
        added = access.add_member(
            actor=actor, email=email, name=name, role=role, now=NOW, password=PASSWORD, team_id=team.pk
        )
        users[login] = added.user
        actors[login] = member(organisation.pk, user_id=added.user_id, role=role, team_id=team.pk)
    return users, actors


def _people(desk: Desk) -> list[int]:
    rows = [
        {
            "customer_id": f"C{number:03}", "name": name, "tax_id": f"30{71_000_000 + number * 12_347}{number % 10}",
            "tax_id_kind": "CUIT", "kind": "COMPANY", "country": "AR", "region": "AR-X",
            "email": f"pagos{number}@cliente.example", "phone_e164": f"+54935155501{number:02}", "phone_is_mobile": True,
            "address": f"Av. Sabattini {2100 + number}",
        }
        for number, name in enumerate(_NAMES)
    ]  # fmt: skip
    told = parties.upsert_frame(
        organisation_id=desk.organisation.pk, source="erp", frame=pl.DataFrame(rows), now=NOW
    )
    by_customer = dict(told.parties.select("customer_id", "party_id").iter_rows())
    return [by_customer[row["customer_id"]] for row in rows]


def _debts(desk: Desk, party_ids: list[int]) -> None:
    opened_on = TODAY - timedelta(days=400)
    opened = ledger.open_accounts(
        organisation_id=desk.organisation.pk,
        portfolio_id=desk.portfolio_id,
        party_ids=pl.Series(party_ids),
        opened_on=opened_on,
    )
    accounts = dict(opened.select("party_id", "account_id").iter_rows())
    desk.case_ids = [accounts[party_id] for party_id in party_ids]
    rows = []
    for number, case_id in enumerate(desk.case_ids):
        age, minor = _AGES[number % len(_AGES)], _MINOR[number % len(_MINOR)]
        rows += [_invoice(case_id, number, 1, age, minor), _invoice(case_id, number, 2, age - 7, minor // 2)]
        rows += [_invoice(case_id, number, 3, -16, minor // 3)]
    rows[2]["currency"], rows[2]["original_minor"] = "ARS", 132_900_00
    rows.append(_invoice(desk.case_ids[1], 1, 4, 40, 3_250_00) | {"currency": "USD"})
    ledger.add_documents(
        organisation_id=desk.organisation.pk, portfolio_id=desk.portfolio_id, documents=pl.DataFrame(rows), declared_on=TODAY,
        posting_source="load:1", now=NOW,
    )  # fmt: skip


def _invoice(case_id: int, number: int, turn: int, age: int, minor: int) -> dict[str, Any]:
    due_on = TODAY - timedelta(days=age)
    reference = f"{number * 10 + turn:05}"
    return {
        "account_id": case_id,
        "source": "erp",
        "reference": f"F{reference}",
        "number": f"FC A 0003-000{reference}",
        "kind": "invoice",
        "issued_on": due_on - timedelta(days=30),
        "due_on": due_on,
        "currency": "ARS",
        "original_minor": minor,
    }


def _hand_out(desk: Desk) -> None:
    told = {"actor": desk.system, "team_id": desk.team_id, "as_of": TODAY, "now": NOW}
    cases.assign(case_ids=desk.case_ids[:24], user_id=desk.users["ana"].pk, **told)
    cases.assign(case_ids=desk.case_ids[24:34], user_id=desk.users["bruno"].pk, **told)
    cases.assign(case_ids=desk.case_ids[34:], user_id=None, **told)


def _work(desk: Desk) -> None:
    early = dict.fromkeys(desk.case_ids[:20], "early")
    cases.change_stages(
        actor=desk.system, stages=early, as_of=TODAY - timedelta(days=20), now=NOW - timedelta(days=20)
    )
    for number in (3, 5, 7, 9):
        cases.change_stage(
            actor=desk.system, case_id=desk.case_ids[number], stage="late", as_of=TODAY, now=NOW
        )
    _promises(desk)
    for number, key, ago in (
        (1, "no_answer", 1),
        (2, "informed", 0),
        (6, "call_back", 2),
        (8, "voicemail", 3),
        (10, "message_left", 5),
    ):
        more = (
            {"call_at": (TODAY - timedelta(days=1)).isoformat() + "T15:00:00-03:00"}
            if key == "call_back"
            else {}
        )
        desk.log(number, key, days_ago=ago, **more)
    desk.log(3, "dispute", days_ago=5, reason="price_or_discount", note="El descuento acordado era del 10 %.")
    cases.add_note(actor=desk.ana, case_id=desk.case_ids[0], body="Paga los viernes, después de cobrar a sus obras.",
                   now=NOW - timedelta(days=9))  # fmt: skip
    hold = cases.HoldDraft("manual", TODAY, TODAY + timedelta(days=6), "Cierre de balance")
    cases.place_hold(actor=desk.actors["supervisor"], case_id=desk.case_ids[11], hold=hold, now=NOW)
    _payments_and_mail(desk)
    outcomes.raise_alarms(actor=desk.system, as_of=TODAY, now=NOW)


def _promises(desk: Desk) -> None:
    due = (TODAY - timedelta(days=4)).isoformat()
    desk.log(0, "promise", days_ago=8, amount=186_400_00, due_on=due, means="transfer", seconds=240)
    desk.log(5, "promise", days_ago=1, amount=400_000_00, due_on=(TODAY + timedelta(days=3)).isoformat())
    desk.log(4, "promise", days_ago=2, amount=84_990_00, due_on=TODAY.isoformat())
    desk.log(
        7, "plan", days_ago=14, amount=1_536_900_75, parts=6, first_on=(TODAY + timedelta(days=7)).isoformat()
    )
    outcomes.settle_promises(actor=desk.system, as_of=TODAY, now=NOW - timedelta(hours=3))


def _payments_and_mail(desk: Desk) -> None:
    for number, minor, ago in ((0, 164_200_00, 48), (2, 50_000_00, 6), (12, 9_500_00, 2)):
        on = TODAY - timedelta(days=ago)
        clock = Clock(TODAY, NOW - timedelta(days=ago))
        desk.receives(desk.case_ids[number], minor, on=on, reference=f"T{number}", clock=clock)
    for number in (0, 1, 2):
        claim = contact.ClaimDraft(
            "email", "statement", f"{desk.organisation.key}-mail-{number}", has_documents=False
        )
        contact.send_now(actor=desk.ana, case_id=desk.case_ids[number], claim=claim, clock=desk.clock)
    contact.send_due(limit=20, clock=lambda: NOW)


def _news(desk: Desk) -> None:
    for number, (title, login) in enumerate(
        (("Promesa no cumplida: Ferretería El Algarrobo", "ana"), ("Carga terminada: 40 filas", "supervisor"))
    ):
        access.notify(
            actor=desk.system, user_ids=[desk.users[login].pk], now=NOW,
            news=access.News("alarm", title, f"{desk.organisation.key}:{number}", "Mira el caso antes del mediodía.", "/"),
        )  # fmt: skip

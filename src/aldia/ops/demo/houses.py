"""The two organisations of the demonstration: who works there, what they ask of their customers, their written policies."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

PASSWORD = "lapacho-rosado-26"
AGENCY, CREDITOR = "AGENCY", "CREDITOR"
COLLECTOR, SUPERVISOR, MANAGER, ADMINISTRATOR, AUDITOR = (
    "COLLECTOR",
    "SUPERVISOR",
    "MANAGER",
    "ADMINISTRATOR",
    "AUDITOR",
)


@dataclass(frozen=True)
class Person:
    """Somebody who works in a house of the demonstration. `team`: the key of a team, or none."""

    name: str
    email: str
    role: str
    team: str = ""


@dataclass(frozen=True)
class House:
    """One organisation to make. `debt`: what its portfolios have in common, fields of a portfolio."""

    key: str
    name: str
    country: str
    currency: str
    creditor: dict[str, Any]
    debt: dict[str, str]
    staff: tuple[Person, ...]
    teams: tuple[tuple[str, str], ...] = ()
    team_of: dict[str, str] = field(default_factory=dict)  # portfolio -> team; the first team otherwise
    policies: tuple[tuple[str, str, str, str], ...] = field(default=())  # kind, key, title, body
    segments: tuple[tuple[str, str, str], ...] = ()  # key, name, rule
    outside: tuple[Person, ...] = ()  # who comes in by a window of its own
    agency: tuple[str, str, str] | None = None  # key, name, who answers for it in the house


ANDINA = House(
    key="andina",
    name="Distribuidora Andina",
    country="AR",
    currency="ARS",
    creditor={
        "legal_name": "Distribuidora Andina S.A. (ejemplo)", "tax_id": "30-70500123-9", "country": "AR",
        "email": "cobranzas@andina.example", "phone": "+54 11 5555-0100", "address": "Av. de los Lapachos 1200, Buenos Aires",
        "payment_instructions": "Transferencia al alias ANDINA.COBROS.DEMO. Indica el número de factura en el concepto.",
        "has_verification": False,
    },
    debt={"debt_kind": "commercial", "debtor_kind": "business", "strategy_key": "b2b_invoices", "country": "AR"},
    staff=(
        Person("Ana Quiroga", "ana@andina.example", COLLECTOR, "cobranzas"),
        Person("Bruno Sosa", "bruno@andina.example", COLLECTOR, "cobranzas"),
        Person("Carla Méndez", "carla@andina.example", COLLECTOR, "grandes"),
        Person("Diego Paz", "diego@andina.example", COLLECTOR, "grandes"),
        Person("Elena Vidal", "elena@andina.example", SUPERVISOR, "cobranzas"),
        Person("Federico Luna", "federico@andina.example", MANAGER),
        Person("Gabriela Ríos", "gabriela@andina.example", ADMINISTRATOR),
        Person("Hugo Ferrari", "hugo@andina.example", AUDITOR),
    ),
    outside=(
        Person("Irene Salas", "irene@surco.example", AGENCY, "surco"),
        Person("Joaquín Prado", "joaquin@andina.example", CREDITOR),
    ),
    agency=("surco", "Surco Cobranzas", "elena@andina.example"),
    teams=(("grandes", "Grandes cuentas"),),
    team_of={"Cadenas y hoteles": "grandes"},
    policies=(
        (
            "policy", "plazos", "Política de crédito y plazos",
            "Plazo general de 30 días desde la factura. Con una factura vencida hace más de 45 días no se despacha "
            "mercadería nueva sin el acuerdo de la gerencia. Las notas de crédito se aplican al documento más antiguo.",
        ),
        (
            "plan", "mayoristas", "Plan de cobranza de mayoristas",
            "Aviso de cortesía tres días antes. El día 3 un recordatorio amable, el día 10 uno firme con el estado de cuenta. "
            "Saldos de más de 500 000 pesos: llamada en la primera semana. Toda llamada deja una próxima acción con fecha.",
        ),
    ),
    segments=(
        ("grandes", "Vencido grande", "overdue > 1000000"),
        ("sin_voz", "Atrasados con quienes nadie habló en un mes", "dpd > 30 AND right_party_30d = 0"),
    ),
)  # fmt: skip

JACARANDA = House(
    key="jacaranda",
    name="Crédito Jacarandá",
    country="CO",
    currency="COP",
    creditor={
        "legal_name": "Crédito Jacarandá S.A.S. (ejemplo)", "tax_id": "900123456-8", "country": "CO",
        "email": "hola@jacaranda.example", "phone": "+57 601 555 0100", "address": "Carrera 7 45-12, Bogotá",
        "payment_instructions": "Paga por PSE con tu número de crédito, o en cualquier corresponsal con la referencia DEMO.",
    },
    debt={"debt_kind": "consumer", "debtor_kind": "consumer", "strategy_key": "consumer_instalments", "country": "CO"},
    staff=(
        Person("Lucía Arango", "lucia@jacaranda.example", COLLECTOR, "cobranzas"),
        Person("Mateo Osorio", "mateo@jacaranda.example", COLLECTOR, "cobranzas"),
        Person("Nora Vélez", "nora@jacaranda.example", SUPERVISOR, "cobranzas"),
        Person("Óscar Pinto", "oscar@jacaranda.example", ADMINISTRATOR),
    ),
    policies=(
        (
            "policy", "trato", "Cómo tratamos a quien nos debe",
            "Hablamos de tú, con calma y sin amenazas. Un solo contacto por día, en horario de ley. Si alguien nos cuenta que "
            "perdió el trabajo o está enfermo, se pausa la cobranza y decide la supervisión.",
        ),
        (
            "plan", "cuotas", "Plan de cobranza de cuotas",
            "Cortesía antes del vencimiento, recordatorios los días 3 y 10, llamada desde el día 15 y oferta de plan de pagos "
            "desde el día 30. Con dos promesas incumplidas, el caso pasa a supervisión.",
        ),
    ),
    segments=(("varias_cuotas", "Dos cuotas o más", "instalments_overdue >= 2"),),
)  # fmt: skip
HOUSES = (ANDINA, JACARANDA)

"""The indicators of the house: key, name, visible formula and unit, in three languages, with their function.

The functions themselves are in ``formulas``. Every screen, export and command that shows an indicator takes
its name and formula from here.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from aldia.domain import formulas
from aldia.domain.labels import Label


class UnknownMeasure(ValueError):
    """There is no measure with that key."""


class Unit(StrEnum):
    """How a figure is shown."""

    DAYS = "days"
    PERCENT = "percent"
    MONEY = "money"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Measure:
    """One indicator. ``is_better_high`` is None where neither direction is good in itself.

    ``function`` is None for plain sums and counts, and for measures that give several figures at once.
    """

    key: str
    label: Label
    formula: Label
    unit: Unit
    is_better_high: bool | None = None
    function: Callable[..., Fraction | None] | None = None


_DAYS, _PERCENT, _MONEY, _COUNT = Unit.DAYS, Unit.PERCENT, Unit.MONEY, Unit.COUNT

_SPEED = (
    Measure("dso_simple", Label("DSO", "DSO", "DSO"),
            Label("saldo por cobrar final × días / ventas a crédito", "ending receivables × days / credit sales",
                  "saldo a receber final × dias / vendas a prazo"), _DAYS, False, formulas.dso_simple),
    Measure("dso_countback", Label("DSO por agotamiento", "DSO, countback", "DSO por esgotamento"),
            Label("días de las ventas más recientes que agotan el saldo por cobrar, mes a mes; el último en proporción",
                  "days of the latest sales that use up the receivables, month by month; the last one pro rata",
                  "dias das vendas mais recentes que esgotam o saldo a receber, mês a mês; o último em proporção"),
            _DAYS, False, formulas.dso_countback),
    Measure("best_possible_dso", Label("DSO óptimo", "Best-possible DSO", "DSO ideal"),
            Label("saldo no vencido × días / ventas a crédito", "receivables not past due × days / credit sales",
                  "saldo não vencido × dias / vendas a prazo"), _DAYS, False, formulas.best_possible_dso),
    Measure("add", Label("Días promedio de atraso (ADD)", "Average days delinquent (ADD)", "Dias médios de atraso (ADD)"),
            Label("DSO − DSO óptimo", "DSO − best-possible DSO", "DSO − DSO ideal"), _DAYS, False, formulas.add),
    Measure("weighted_days_late", Label("Atraso ponderado al cobrar", "Weighted days late when paid",
                                        "Atraso ponderado ao receber"),
            Label("Σ (importe × días de atraso) / Σ importe, de lo cobrado",
                  "Σ (amount × days late) / Σ amount, of what was paid",
                  "Σ (valor × dias de atraso) / Σ valor, do que foi pago"), _DAYS, False, formulas.weighted_days_late),
    Measure("time_to_cure", Label("Tiempo hasta ponerse al día", "Time to cure", "Tempo até regularizar"),
            Label("mediana y P90 de los días desde que entra en gestión hasta que se regulariza",
                  "median and P90 of the days from entering management to being regularised",
                  "mediana e P90 dos dias desde a entrada em cobrança até a regularização"),
            _DAYS, False, formulas.quantile),
)  # fmt: skip

_RECOVERY = (
    Measure("cei", Label("Efectividad de cobranza (CEI)", "Collection effectiveness (CEI)", "Efetividade de cobrança (CEI)"),
            Label("(saldo inicial + ventas − saldo final total) / (saldo inicial + ventas − saldo final no vencido) × 100",
                  "(beginning receivables + sales − ending total) / (beginning receivables + sales − ending current) × 100",
                  "(saldo inicial + vendas − saldo final total) / (saldo inicial + vendas − saldo final não vencido) × 100"),
            _PERCENT, True, formulas.cei),
    Measure("overdue", Label("Vencido", "Overdue", "Vencido"),
            Label("Σ saldo de los documentos con vencimiento pasado", "Σ balance of the documents past due",
                  "Σ saldo dos documentos vencidos"), _MONEY, False),
    Measure("recovered", Label("Recuperado", "Recovered", "Recuperado"),
            Label("Σ pagos aplicados en el periodo", "Σ payments applied in the period",
                  "Σ pagamentos aplicados no período"), _MONEY, True),
    Measure("recovery_rate", Label("Tasa de recupero", "Recovery rate", "Taxa de recuperação"),
            Label("cobrado en el periodo / deuda asignada × 100", "collected in the period / debt placed × 100",
                  "recebido no período / dívida atribuída × 100"), _PERCENT, True, formulas.recovery_rate),
    Measure("delinquency_ratio", Label("Índice de morosidad", "Delinquency ratio", "Índice de inadimplência"),
            Label("cartera vencida / cartera total × 100", "past-due portfolio / total portfolio × 100",
                  "carteira vencida / carteira total × 100"), _PERCENT, False, formulas.delinquency_ratio),
    Measure("at_risk_rate", Label("Facturación en riesgo", "At-risk rate", "Faturamento em risco"),
            Label("facturado de un mes impago 90 días después / facturado del mes × 100",
                  "a month's billing unpaid 90 days later / billing of the month × 100",
                  "faturado de um mês em aberto 90 dias depois / faturado do mês × 100"),
            _PERCENT, False, formulas.at_risk_rate),
    Measure("roll_rate", Label("Rodamiento", "Roll rate", "Rolagem"),
            Label("saldo del tramo que pasó a uno peor / saldo del tramo al inicio × 100, cuenta por cuenta",
                  "balance of the bucket that moved to a worse one / balance of the bucket at the start × 100, by account",
                  "saldo da faixa que passou a uma pior / saldo da faixa no início × 100, conta por conta"),
            _PERCENT, False),
    Measure("cost_to_collect", Label("Costo de cobranza", "Cost to collect", "Custo de cobrança"),
            Label("costo / importe cobrado × 100", "cost / amount collected × 100", "custo / valor recebido × 100"),
            _PERCENT, False, formulas.cost_to_collect),
)  # fmt: skip

_PROMISES = (
    Measure("promises_made", Label("Promesas hechas", "Promises made", "Promessas feitas"),
            Label("promesas registradas en el periodo", "promises recorded in the period",
                  "promessas registradas no período"), _COUNT, True),
    Measure("promise_kept_count", Label("Promesas cumplidas", "Promises kept", "Promessas cumpridas"),
            Label("promesas cumplidas / promesas decididas en el periodo × 100; sin contar las abiertas",
                  "promises kept / promises decided in the period × 100; open ones not counted",
                  "promessas cumpridas / promessas decididas no período × 100; sem contar as abertas"),
            _PERCENT, True, formulas.promise_kept_count),
    Measure("promise_kept_amount", Label("Importe prometido cumplido", "Promised amount kept", "Valor prometido cumprido"),
            Label("importe cumplido / importe prometido de las promesas decididas × 100",
                  "amount kept / amount promised of the promises decided × 100",
                  "valor cumprido / valor prometido das promessas decididas × 100"),
            _PERCENT, True, formulas.promise_kept_amount),
    Measure("promise_rate", Label("Promesas por contacto con titular", "Promises per right-party contact",
                                  "Promessas por contato com o titular"),
            Label("promesas / contactos con el titular × 100", "promises / right-party contacts × 100",
                  "promessas / contatos com o titular × 100"), _PERCENT, True, formulas.promise_rate),
    Measure("promise_rate_of_attempts", Label("Promesas por intento", "Promises per attempt", "Promessas por tentativa"),
            Label("promesas / intentos × 100", "promises / attempts × 100", "promessas / tentativas × 100"),
            _PERCENT, True, formulas.promise_rate_of_attempts),
)  # fmt: skip

_CONTACT = (
    Measure("attempts", Label("Intentos", "Attempts", "Tentativas"),
            Label("gestiones realizadas en el periodo", "attempts made in the period", "acionamentos feitos no período"),
            _COUNT),
    Measure("rpc_rate", Label("Contacto con titular", "Right-party contact rate", "Contato com o titular"),
            Label("intentos que llegan al titular / intentos × 100", "attempts reaching the right party / attempts × 100",
                  "tentativas que chegam ao titular / tentativas × 100"), _PERCENT, True, formulas.rpc_rate),
    Measure("rpc_of_reached", Label("Titular entre los contactados", "Right party among reached",
                                    "Titular entre os contatados"),
            Label("contactos con el titular / contactos × 100", "right-party contacts / contacts × 100",
                  "contatos com o titular / contatos × 100"), _PERCENT, True, formulas.rpc_of_reached),
    Measure("contactability", Label("Contactabilidad", "Contactability", "Contatabilidade"),
            Label("contactos efectivos / intentos × 100", "effective contacts / attempts × 100",
                  "contatos efetivos / tentativas × 100"), _PERCENT, True, formulas.contactability),
    Measure("contactability_by_debtor", Label("Contactabilidad por cliente", "Contactability by debtor",
                                              "Contatabilidade por cliente"),
            Label("clientes contactados / clientes intentados × 100", "debtors reached / debtors attempted × 100",
                  "clientes contatados / clientes tentados × 100"),
            _PERCENT, True, formulas.contactability_by_debtor),
    Measure("dispute_rate", Label("Documentos en disputa", "Dispute rate", "Documentos em contestação"),
            Label("documentos en disputa / documentos × 100", "disputed documents / documents × 100",
                  "documentos em contestação / documentos × 100"), _PERCENT, False, formulas.dispute_rate),
    Measure("drop_rate", Label("Llamadas abandonadas", "Dropped calls", "Chamadas abandonadas"),
            Label("abandonadas / (abandonadas + atendidas + contestadores estimados) × 100",
                  "dropped / (dropped + live + estimated machines) × 100",
                  "abandonadas / (abandonadas + atendidas + secretárias estimadas) × 100"),
            _PERCENT, False, formulas.drop_rate),
)  # fmt: skip

MEASURES: dict[str, Measure] = {m.key: m for m in (*_SPEED, *_RECOVERY, *_PROMISES, *_CONTACT)}
"""Every indicator by key, in the order of the dashboard."""


def measure_of(key: str) -> Measure:
    """The measure. Raises UnknownMeasure naming the known ones."""
    try:
        return MEASURES[key]
    except KeyError:
        raise UnknownMeasure(f"unknown measure {key!r}: expected one of {', '.join(MEASURES)}") from None

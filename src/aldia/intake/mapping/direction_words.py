"""How files say on which side of an account a sum stands, besides its sign."""

from typing import Final

_OUT: Final = (
    "d|db|dr|debit|debito|debitos|debe|cargo|cargos|-|withdrawal|withdrawals|egreso|egresos|salida|salidas|soll|saida|saidas"
    "|dbit|out|pago emitido|af|addebito|uscita|lastschrift|ausgang"
)
_IN: Final = (
    "c|cr|credit|credito|creditos|haber|abono|abonos|+|deposit|deposits|deposito|depositos|ingreso|ingresos|entrada|entradas"
    "|haben|h|crdt|in|bij|accredito|gutschrift|eingang"
)
DIRECTIONS: Final = dict.fromkeys(_OUT.split("|"), "out") | dict.fromkeys(_IN.split("|"), "in")
"""Folded words: `out` is money out, a debit; `in` money in, a credit."""
ACCOUNT_SIDES: Final = DIRECTIONS | {"s": "out"}
"""In a list of debts «S» is the «Soll» of SAP, beside its «H» for «Haben»."""

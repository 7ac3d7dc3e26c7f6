"""Closed vocabularies that files write in many ways: kinds of document, countries, languages, yes and no."""

from collections.abc import Mapping

import polars as pl

from aldia.intake.mapping.names import fold


def word_table(lines: str) -> dict[str, str]:
    """Word -> value out of lines «value: word|word …»; a line may say more words of the value before it."""
    table: dict[str, str] = {}
    value = ""
    for line in lines.strip().splitlines():
        head, colon, words = line.strip().partition(": ")
        value = head if colon else value
        table |= {word.strip(): value for word in (words if colon else head).split("|") if word.strip()}
    return table


DOCUMENT_KINDS = word_table(
    """
    invoice: invoice|factura|fatura|fact|fac|fc|fa|fb|ft|inv|rv|dr|f|nota fiscal|nf|nfe|boleta|bol|ticket|factura a
        factura b|factura c|factura electronica|factura de venta|sales invoice|cfdi|ingreso|rechnung|tax invoice
        invoice document|i|bv|fe|conta|titulo|duplicata|si|fvaelect
    credit_note: credit note|creditnote|credit_note|nota de credito|nota credito|nc|n/c|n.c.|nca|ncb|ncc|credit memo
        credito|credit|cn|cm|dg|abono|rg|nce|nota de credito electronica|nota credito electronica|rectificativa
        factura rectificativa|refund|egreso|sc|ncvelect
    debit_note: debit note|debitnote|debit_note|nota de debito|nota debito|nd|n/d|n.d.|nda|ndb|debit memo|debito|dn|nde
    promissory_note: promissory note|promissory_note|pagare|pag|nota promissoria|np|letra|letra de cambio|lc|pn
        bill of exchange
    cheque: cheque|check|chq|ch|cheque diferido|cheque de pago diferido|cheque pre datado|cheque pre-datado|echeq
        e-cheq|valor
    instalment: instalment|installment|cuota|parcela|prestacao|cuota de prestamo|loan instalment|dividendo|mensualidad
        letra mensual
    receipt: receipt|recibo|payment|pago|pagamento|rc|rec|dz|cobro|cobranza|recebimento|anticipo|payment on account
        a cuenta
    """
)
COUNTRIES = word_table(
    """
    AR: ar|arg|argentina
    BE: be|bel|belgica|belgium
    BO: bo|bol|bolivia
    BR: br|bra|brasil|brazil
    CA: ca|can|canada
    CH: ch|che|suiza|switzerland
    CL: cl|chl|chile
    CO: co|col|colombia
    CR: cr|cri|costa rica
    CU: cu|cub|cuba
    DE: de|deu|alemania|germany|alemanha
    DO: do|dom|republica dominicana|dominican republic|rep. dominicana
    EC: ec|ecu|ecuador|equador
    ES: es|esp|espana|spain|espanha
    FR: fr|fra|francia|france|franca
    GB: gb|gbr|reino unido|united kingdom|uk|inglaterra
    GT: gt|gtm|guatemala
    HN: hn|hnd|honduras
    IT: it|ita|italia|italy
    MX: mx|mex|mexico
    NI: ni|nic|nicaragua
    NL: nl|nld|paises bajos|netherlands|holanda
    PA: pa|pan|panama
    PE: pe|per|peru
    PR: pr|pri|puerto rico
    PT: pt|prt|portugal
    PY: py|pry|paraguay|paraguai
    SV: sv|slv|el salvador
    US: us|usa|estados unidos|united states|eeuu|ee.uu.|eua
    UY: uy|ury|uruguay|uruguai
    VE: ve|ven|venezuela
    """
)
LANGUAGES = word_table(
    """
    es: es|spa|espanol|castellano|spanish|espanhol|s|es-ar|es-mx|es-cl|es-co|es-pe|es-es|es-419|es-uy|es-ec|es_ar
        es_mx|es_es
    en: en|eng|ingles|english|e|en-us|en-gb|en_us|en_gb
    pt-BR: pt|por|portugues|portuguese|p|pt-br|pt_br|pt-pt|pt_pt|br|brasileno
    """
)
YES = frozenset(
    "yes|y|si|s|true|t|1|x|sim|verdadero|verdadeiro|disputed|en disputa|disputado|en litigio|acepta|aceptado|aceita|aceito"
    "|autoriza|autorizado|granted|accepted|opt-in|opted in".split("|")
)
NO = frozenset(
    word_table(
        "no: no|n|false|f|0|nao|falso|-|none|ninguna|not disputed|rechaza|rechazado|recusa|recusado|revocado|revogado|denied"
        "|refused|opt-out|opted out"
    )
)


def translate(cells: pl.Series, words: Mapping[str, str]) -> pl.Series:
    """The value behind each cell, null for blanks and for words not known; folding is done on distinct cells."""
    unique = cells.unique().drop_nulls()
    known = {cell: words.get(fold(cell).strip()) for cell in unique.to_list()}
    found = {cell: value for cell, value in known.items() if value is not None}
    if not found:
        return pl.repeat(None, cells.len(), eager=True, dtype=pl.String)
    return cells.replace_strict(found, default=None, return_dtype=pl.String)


def truths(cells: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Yes or no per cell (null for blanks), and True where a cell says neither."""
    words = dict.fromkeys(YES, "1") | dict.fromkeys(NO, "0")
    found = translate(cells, words)
    return found == "1", cells.is_not_null() & found.is_null()

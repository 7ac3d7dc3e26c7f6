"""The outcome tree that ships: nine shortcuts (N P L A D R T Z W) and the results that happen beside them."""

from aldia.domain.labels import Label
from aldia.domain.outcomes import (
    ContactLevel,
    Field,
    FieldType,
    NextKind,
    NextStep,
    Outcome,
    OutcomeEffect,
    OutcomeTree,
    Reason,
)

CONTACT_LABELS = {
    ContactLevel.RIGHT_PARTY: Label("Titular", "Right party", "Titular"),
    ContactLevel.THIRD_PARTY: Label("Tercero", "Third party", "Terceiro"),
    ContactLevel.NO_CONTACT: Label("Sin contacto", "No contact", "Sem contato"),
}

_AMOUNT = Field("amount", FieldType.MONEY, Label("Importe", "Amount", "Valor"))
_DUE = Field("due_on", FieldType.DATE, Label("Fecha de pago", "Payment date", "Data de pagamento"))
_MEANS = Field(
    "means",
    FieldType.CHOICE,
    Label("Medio de pago", "Means of payment", "Meio de pagamento"),
    is_required=False,
)
_PARTS = Field("parts", FieldType.COUNT, Label("Cuotas", "Instalments", "Parcelas"))
_FIRST = Field("first_on", FieldType.DATE, Label("Primera cuota", "First instalment", "Primeira parcela"))
_PAID_ON = Field("paid_on", FieldType.DATE, Label("Fecha del pago", "Date paid", "Data do pagamento"))
_RECEIPT = Field(
    "receipt", FieldType.FILE, Label("Comprobante", "Proof of payment", "Comprovante"), is_required=False
)
_REASON = Field("reason", FieldType.CHOICE, Label("Motivo", "Reason", "Motivo"))
_DOCUMENTS = Field(
    "documents", FieldType.DOCUMENTS, Label("Documentos", "Documents", "Documentos"), is_required=False
)
_CALL_AT = Field("call_at", FieldType.INSTANT, Label("Llamar el", "Call on", "Ligar em"))
_UNTIL = Field("until_on", FieldType.DATE, Label("Pausar hasta", "Pause until", "Pausar até"))
_POINT = Field(
    "contact_point", FieldType.CONTACT_POINT, Label("Dato de contacto", "Contact point", "Contato")
)
_EXPECTED = Field(
    "expected_on",
    FieldType.DATE,
    Label("Fecha estimada de pago", "Estimated payment date", "Data estimada de pagamento"),
    is_required=False,
)
_WHO = Field("who", FieldType.TEXT, Label("Quién atendió", "Who answered", "Quem atendeu"), is_required=False)
_NOTE = Field("note", FieldType.TEXT, Label("Nota", "Note", "Observação"), is_required=False)

DISPUTE_REASONS = (
    Reason("amount_wrong", Label("El importe no es correcto", "The amount is wrong", "O valor está errado")),
    Reason("goods_not_received", Label("No recibió el producto o servicio", "Goods or service not received",
                                       "Não recebeu o produto ou serviço")),
    Reason("goods_faulty", Label("Producto o servicio con problemas", "Faulty goods or service",
                                 "Produto ou serviço com problema")),
    Reason("invoice_not_received", Label("No recibió la factura", "Invoice not received", "Não recebeu a fatura")),
    Reason("price_or_discount", Label("Precio o descuento distinto al acordado", "Price or discount differs from agreed",
                                      "Preço ou desconto diferente do combinado")),
    Reason("not_my_debt", Label("No reconoce la deuda", "Does not recognise the debt", "Não reconhece a dívida")),
    Reason("other", Label("Otro motivo", "Other reason", "Outro motivo")),
)  # fmt: skip

DELAY_REASONS = (
    Reason("cash_flow", Label("Falta de liquidez", "Short of cash", "Falta de liquidez")),
    Reason("job_loss", Label("Perdió el trabajo", "Lost the job", "Perdeu o emprego")),
    Reason("illness", Label("Enfermedad", "Illness", "Doença")),
    Reason("forgot", Label("Lo olvidó", "Forgot", "Esqueceu")),
    Reason(
        "awaiting_approval",
        Label("Espera aprobación interna", "Awaiting internal approval", "Aguarda aprovação interna"),
    ),
    Reason("other", Label("Otro motivo", "Other reason", "Outro motivo")),
)

_RIGHT, _THIRD, _NOBODY = ContactLevel.RIGHT_PARTY, ContactLevel.THIRD_PARTY, ContactLevel.NO_CONTACT

_SHORTCUTS = (
    Outcome("no_answer", _NOBODY, Label("No contesta", "No answer", "Não atende"),
            NextStep(NextKind.CALL, 1), OutcomeEffect.NEXT_TASK, "N"),
    Outcome("promise", _RIGHT, Label("Promesa", "Promise", "Promessa"),
            NextStep(NextKind.REVIEW_PROMISE, 1, "due_on"), OutcomeEffect.MAKE_PROMISE, "P",
            (_AMOUNT, _DUE, _MEANS), DELAY_REASONS),
    Outcome("plan", _RIGHT, Label("Plan de pagos", "Payment plan", "Plano de pagamento"),
            NextStep(NextKind.REVIEW_PLAN, 1, "first_on"), OutcomeEffect.MAKE_PLAN, "L",
            (_AMOUNT, _PARTS, _FIRST), DELAY_REASONS),
    Outcome("already_paid", _RIGHT, Label("Ya pagó", "Already paid", "Já pagou"),
            NextStep(NextKind.VERIFY_PAYMENT, 2), OutcomeEffect.REPORT_PAYMENT, "A",
            (_PAID_ON, Field("amount", FieldType.MONEY, _AMOUNT.label, is_required=False), _RECEIPT)),
    Outcome("dispute", _RIGHT, Label("Disputa", "Dispute", "Contestação"),
            NextStep(NextKind.ANSWER_DISPUTE, 5), OutcomeEffect.OPEN_DISPUTE, "D",
            (_REASON, _DOCUMENTS, _NOTE), DISPUTE_REASONS),
    Outcome("call_back", _RIGHT, Label("Rellamar", "Call back", "Retornar"),
            NextStep(NextKind.CALL, 0, "call_at"), OutcomeEffect.SCHEDULE_CALL, "R", (_CALL_AT, _NOTE)),
    Outcome("third_party", _THIRD, Label("Tercero", "Third party", "Terceiro"),
            NextStep(NextKind.CALL, 1), OutcomeEffect.NEXT_TASK, "T", (_WHO, _NOTE)),
    Outcome("pause", _RIGHT, Label("Pausa", "Pause", "Pausa"),
            NextStep(NextKind.CALL, 0, "until_on"), OutcomeEffect.PAUSE, "Z", (_UNTIL, _NOTE), DELAY_REASONS),
    Outcome("whatsapp", _NOBODY, Label("WhatsApp", "WhatsApp", "WhatsApp"),
            NextStep(NextKind.SEND_MESSAGE, 1), OutcomeEffect.NEXT_TASK, "W", (_NOTE,)),
)  # fmt: skip

_OTHERS = (
    Outcome("voicemail", _NOBODY, Label("Buzón de voz", "Voicemail", "Caixa postal"),
            NextStep(NextKind.CALL, 1), OutcomeEffect.NEXT_TASK),
    Outcome("wrong_number", _NOBODY, Label("Número equivocado", "Wrong number", "Número errado"),
            NextStep(NextKind.FIND_CONTACT, 1), OutcomeEffect.RETIRE_CONTACT_POINT, fields=(_POINT,)),
    Outcome("message_left", _THIRD, Label("Dejó recado", "Message left", "Deixou recado"),
            NextStep(NextKind.CALL, 2), OutcomeEffect.NEXT_TASK, fields=(_WHO, _NOTE)),
    Outcome("hung_up", _RIGHT, Label("Cortó la llamada", "Hung up", "Desligou"),
            NextStep(NextKind.CALL, 2), OutcomeEffect.NEXT_TASK),
    Outcome("informed", _RIGHT, Label("Informado, sin compromiso", "Informed, no commitment", "Informado, sem compromisso"),
            NextStep(NextKind.CALL, 3), OutcomeEffect.NEXT_TASK, fields=(_EXPECTED, _NOTE), reasons=DELAY_REASONS),
    Outcome("refuses", _RIGHT, Label("No quiere pagar", "Refuses to pay", "Não quer pagar"),
            NextStep(NextKind.SUPERVISE, 1), OutcomeEffect.NEXT_TASK, fields=(_EXPECTED, _NOTE), reasons=DELAY_REASONS),
    Outcome("hardship", _RIGHT, Label("Situación delicada", "Hardship", "Situação delicada"),
            NextStep(NextKind.SUPERVISE, 1), OutcomeEffect.HOLD, fields=(_NOTE,), reasons=DELAY_REASONS),
    Outcome("deceased", _THIRD, Label("Falleció", "Deceased", "Faleceu"),
            NextStep(NextKind.SUPERVISE, 1), OutcomeEffect.HOLD, fields=(_WHO, _NOTE)),
    Outcome("note", _NOBODY, Label("Solo una nota", "Just a note", "Só uma observação"),
            NextStep(NextKind.CALL, 3), OutcomeEffect.NONE, fields=(_NOTE,)),
)  # fmt: skip

DEFAULT_TREE = OutcomeTree((*_SHORTCUTS, *_OTHERS), CONTACT_LABELS)

"""The records that readers give: signed decimals as text, ISO dates, codes as the file writes them."""

from typing import Any, TypedDict


class Entry(TypedDict, total=False):
    """One line of a statement; `amount` above zero is money in. A batch lists its parts in `transactions`."""

    booked_on: str | None
    valued_on: str | None
    entered_on: str
    amount: str
    currency: str | None
    reference: str | None
    text: str
    returned: bool
    reason: str | None
    check: str | None
    is_pending: bool
    transactions: list[dict[str, Any]]


class Statement(TypedDict, total=False):
    """One account over one period; a balance that the file does not state is null."""

    account: str | None
    bank: str | None
    branch: str | None
    owner: str | None
    number: str | None
    currency: str | None
    opening: str | None
    closing: str | None
    entries: list[Entry]


class Title(TypedDict, total=False):
    """What a Brazilian bank says of one boleto; only `settled` ones brought money."""

    our_number: str | None
    document: str | None
    occurrence: str
    occurred_on: str | None
    due_on: str | None
    credited_on: str | None
    face: str
    paid: str
    credited: str
    settled: bool
    interest: str
    discount: str
    abatement: str
    wallet: str | None
    reasons: str | None
    payer: str | None
    payer_id: str | None


class Returned(TypedDict, total=False):
    """A payment that the bank refused or took back; `amount` is what it was for, above zero."""

    reference: str | None
    amount: str | None
    currency: str | None
    reason: str | None
    on: str | None
    text: str
    mandate: str | None
    party: str | None


class Instalment(TypedDict, total=False):
    """One due date of a document."""

    number: str | None
    due_on: str | None
    amount: str


class Settled(TypedDict, total=False):
    """A document that this one lowers or pays; the amount is null where the file does not say how much."""

    uuid: str | None
    number: str | None
    series: str | None
    amount: str | None
    currency: str | None
    code: str | None
    on: str | None
    instalment: str | None
    left: str | None


class Document(TypedDict, total=False):
    """One electronic document. `payable` is what is left to collect by its own terms, null where it does not say."""

    format: str
    type: str
    type_code: str | None
    series: str | None
    number: str | None
    uuid: str | None
    issued_on: str | None
    due_on: str | None
    currency: str | None
    total: str | None
    payable: str | None
    issuer_id: str | None
    issuer_name: str | None
    receiver_id: str | None
    receiver_name: str | None
    instalments: list[Instalment]
    settles: list[Settled]
    related: list[Settled]
    replaces: list[str]
    state: str | None
    member: str


class Answer(TypedDict, total=False):
    """What one file gives; lists that its format has not are absent."""

    format: str
    version: str | None
    statements: list[Statement]
    titles: list[Title]
    returns: list[Returned]
    documents: list[Document]
    problems: list[dict[str, Any]]

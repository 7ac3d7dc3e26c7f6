"""What the API says and hears. Amounts are whole minor units beside their currency; dates are ISO; names are those of the commands."""

from datetime import date, datetime
from typing import Annotated, Any, Literal

from ninja import Field, Schema
from pydantic import ConfigDict

Minor = Annotated[int, Field(ge=-(10**15), le=10**15)]
Currency = Annotated[str, Field(min_length=3, max_length=3, pattern="^[A-Z]{3}$")]
Text = Annotated[str, Field(max_length=300)]
Name = Annotated[str, Field(min_length=1, max_length=120)]
Key = Annotated[int, Field(ge=1, le=2**53)]


class Strict(Schema):
    """A call's body: a field that nobody knows is an error, not silence."""

    model_config = ConfigDict(extra="forbid")


class DocumentIn(Strict):
    """A debt, or with kind `credit_note` a credit. `open_minor`, when given, is what is left of it; else the portfolio's books say."""

    customer_id: Name
    customer_name: Text = ""
    tax_id: Text = ""
    email: Text = ""
    phone: Text = ""
    reference: Text = ""
    number: Name
    kind: Literal["invoice", "credit_note", "debit_note", "instalment"] = "invoice"
    issued_on: date | None = None
    due_on: date
    amount_minor: Minor
    open_minor: Minor | None = None
    currency: Currency


class DocumentsIn(Strict):
    """Documents for a portfolio, which is made when it is new. `is_full_refresh`: they are all that is open there."""

    portfolio: Name
    is_full_refresh: bool = False
    is_strict: bool = False
    documents: Annotated[list[DocumentIn], Field(min_length=1, max_length=1000)]


class ContactIn(Strict):
    """Who a customer is and how to reach it; a consent is yes, no, or not said."""

    customer_id: Name
    customer_name: Text = ""
    tax_id: Text = ""
    email: Text = ""
    phone: Text = ""
    language: Text = ""
    consent_email: bool | None = None
    consent_whatsapp: bool | None = None
    consent_sms: bool | None = None
    consent_call: bool | None = None
    no_contact: bool | None = None


class ContactsIn(Strict):
    """Contacts of the customers of a portfolio."""

    portfolio: Name
    contacts: Annotated[list[ContactIn], Field(min_length=1, max_length=1000)]


class ReceiptIn(Strict):
    """Money that arrived. `reference` is yours and unique for ever; without `case` it waits for somebody to know whose it is."""

    portfolio: Name
    case: Key | None = None
    amount_minor: Annotated[int, Field(gt=0, le=10**15)]
    currency: Currency
    on: date
    means: Annotated[str, Field(max_length=20)] = ""
    reference: Annotated[str, Field(min_length=1, max_length=100)]
    payer: Text = ""
    documents: Annotated[list[Key], Field(max_length=200)] = []


class PromiseIn(Strict):
    """A promise to pay."""

    case: Key
    amount_minor: Annotated[int, Field(gt=0, le=10**15)]
    currency: Currency
    due_on: date
    means: Annotated[str, Field(max_length=20)] = ""


class LoadOut(Schema):
    """What a batch did, as `./aldia load --json` says it."""

    rows: int
    new: int
    changed: int
    same: int
    rejected: int
    receipts: int
    settled_outside: int
    totals: dict[str, dict[str, int]]
    problems: list[dict[str, Any]]
    problems_total: int
    load: int | None


class ReceiptOut(Schema):
    """A receipt."""

    id: int
    case: int | None
    portfolio: str
    amount_minor: int
    unapplied_minor: int
    currency: str
    on: date
    means: str
    source: str
    reference: str
    state: str


class PromiseOut(Schema):
    """A promise; `kept_minor` is what was paid of it."""

    id: int
    case: int
    amount_minor: int
    kept_minor: int
    currency: str
    due_on: date
    state: str
    made_on: date


class DocumentOut(Schema):
    """A document as it stands today; `dpd`: days past due."""

    id: int
    number: str
    kind: str
    issued_on: date
    due_on: date
    dpd: int
    currency: str
    original_minor: int
    open_minor: int
    is_disputed: bool
    state: str


class DocumentListedOut(Schema):
    """A document in a list; `open_minor` is what is left of it."""

    id: int
    case: int
    portfolio: str
    number: str
    reference: str
    kind: str
    issued_on: date
    due_on: date
    currency: str
    original_minor: int
    open_minor: int
    is_disputed: bool
    state: str


class DocumentsOut(Schema):
    """A page of documents, the last to enter first. `next` goes in `cursor` to go on; null at the end."""

    items: list[DocumentListedOut]
    next: str | None


class ActivityIn(Strict):
    """What an agency did in a case placed with it, named by `case` or by a `document` of it. `at` without a zone is the house's."""

    case: Key | None = None
    document: Annotated[str, Field(max_length=60)] = ""
    at: datetime
    channel: Annotated[str, Field(max_length=10)]
    outcome: Annotated[str, Field(min_length=1, max_length=60)]
    amount_minor: Annotated[int, Field(gt=0, le=10**15)] | None = None
    on: date | None = None
    note: Annotated[str, Field(max_length=2000)] = ""


class ActivitiesIn(Strict):
    """Up to 200 activities."""

    activities: Annotated[list[ActivityIn], Field(min_length=1, max_length=200)]


class WebhookIn(Strict):
    """Where the organisation's systems are told."""

    url: Annotated[str, Field(min_length=8, max_length=500)]
    is_on: bool = True


class WebhookStateIn(Strict):
    """Paused or not: while it is paused, what is to be told waits."""

    is_on: bool


class WebhookOut(Schema):
    """A subscription. `secret` is told once, when it is new."""

    id: int
    url: str
    is_on: bool
    secret: str | None = None


class WebhooksOut(Schema):
    """The subscriptions."""

    items: list[WebhookOut]
    next: None = None


class CaseOut(Schema):
    """A case in a list; amounts in its portfolio's currency."""

    id: int
    party: int
    name: str
    is_open: bool
    stage: str
    next_step: str
    next_on: date
    currency: str
    total_minor: int
    overdue_minor: int
    dpd: int
    promise_state: str
    has_dispute: bool


class CaseWholeOut(CaseOut):
    """A case with its documents."""

    portfolio: str
    stage_since_on: date
    last_contact_at: datetime | None
    last_outcome: str
    documents: list[DocumentOut]


class PointOut(Schema):
    """One way to reach somebody."""

    kind: str
    value: str
    state: str


class PartyOut(Schema):
    """Who owes."""

    id: int
    name: str
    kind: str
    language: str
    points: list[PointOut]


class CasesOut(Schema):
    """A page. `next` goes in `cursor` to go on; null at the end."""

    items: list[CaseOut]
    next: str | None


class ReceiptsOut(Schema):
    """A page of receipts, the newest first."""

    items: list[ReceiptOut]
    next: str | None


class PromisesOut(Schema):
    """A page of promises, the first due first."""

    items: list[PromiseOut]
    next: str | None


class OutboxOut(Schema):
    """How many notices are in each state."""

    states: dict[str, int]


class Problem(Schema):
    """A refusal (RFC 9457)."""

    type: str
    title: str
    status: int
    detail: str


PROBLEMS = dict.fromkeys((400, 401, 403, 404, 409, 413, 422, 429), Problem)

"""Tables of the room: who is owed, which portfolios, what documents, and the journal that proves every balance."""

from aldia.ledger.models.documents import (
    Document,
    DocumentFile,
    DocumentKind,
    DocumentRole,
    DocumentState,
    Instrument,
    StoredFile,
)
from aldia.ledger.models.journal import BookAccount, ExchangeRate, Leg, Posting, PostingKind
from aldia.ledger.models.loans import Loan, LoanState, LoanTerms
from aldia.ledger.models.portfolios import Account, Authority, Creditor, Ownership, Portfolio

__all__ = [
    "Account",
    "Authority",
    "BookAccount",
    "Creditor",
    "Document",
    "DocumentFile",
    "DocumentKind",
    "DocumentRole",
    "DocumentState",
    "ExchangeRate",
    "Instrument",
    "Leg",
    "Loan",
    "LoanState",
    "LoanTerms",
    "Ownership",
    "Portfolio",
    "Posting",
    "PostingKind",
    "StoredFile",
]

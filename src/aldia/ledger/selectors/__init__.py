"""Reads of the room for screens: portfolios, documents, the journal, files; and `verify`, which derives every balance again."""

from aldia.ledger.selectors.owed import (
    DocumentLine,
    Running,
    cases_with_number,
    document,
    document_identities,
    document_name,
    document_numbers,
    documents,
    open_items,
    owed_by,
    read_ahead,
    total_open,
)
from aldia.ledger.selectors.owners import (
    account,
    account_of,
    credit_limits,
    creditor,
    creditors,
    portfolio,
    portfolios,
)
from aldia.ledger.selectors.papers import broken_files, files, has_file, open_file
from aldia.ledger.selectors.postings import JournalLine, count_postings, journal, posting_ids
from aldia.ledger.selectors.verifying import Difference, VerifyReport, verify

__all__ = [
    "Difference",
    "DocumentLine",
    "JournalLine",
    "Running",
    "VerifyReport",
    "account",
    "account_of",
    "broken_files",
    "cases_with_number",
    "count_postings",
    "credit_limits",
    "creditor",
    "creditors",
    "document",
    "document_identities",
    "document_name",
    "document_numbers",
    "documents",
    "files",
    "has_file",
    "journal",
    "open_file",
    "open_items",
    "owed_by",
    "portfolio",
    "portfolios",
    "posting_ids",
    "read_ahead",
    "total_open",
    "verify",
]

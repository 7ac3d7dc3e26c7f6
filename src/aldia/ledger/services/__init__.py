"""All writes of the ledger: who is owed, what is owed, and the journal that proves it."""

from aldia.ledger.services.accounts import limit_credit, open_accounts
from aldia.ledger.services.documents import (
    UnknownColumn,
    UnknownDocument,
    add_documents,
    change_documents,
    mark_disputed,
)
from aldia.ledger.services.files import EmptyFile, attach_file, attach_received, detach_file, store_file
from aldia.ledger.services.forgiveness import MoreThanOpen, grant_discount, write_off
from aldia.ledger.services.journal import (
    UNIDENTIFIED,
    AlreadyPosted,
    AlreadyReversed,
    LegDraft,
    PostingDraft,
    UnbalancedPosting,
    UnknownAccount,
    UnknownPosting,
    lock_accounts,
    post,
    reverse,
)
from aldia.ledger.services.journal_frames import lock_frame, post_frame, reverse_frame
from aldia.ledger.services.loans import (
    NotLending,
    close_written_off,
    grant_loan,
    hand_out_more,
    post_late_interest,
    refinance_loan,
    reopen_recovered,
    restate_ahead,
    restate_all,
    settle_early,
)
from aldia.ledger.services.portfolios import (
    UnknownDetail,
    change_creditor,
    change_portfolio,
    ensure_creditor,
    ensure_portfolio,
)
from aldia.ledger.services.rates import BadRate, record_rates
from aldia.ledger.services.restating import BadChange, Piece
from aldia.ledger.services.transfers import Transfer, post_transfers

__all__ = [
    "UNIDENTIFIED",
    "AlreadyPosted",
    "AlreadyReversed",
    "BadChange",
    "BadRate",
    "EmptyFile",
    "LegDraft",
    "MoreThanOpen",
    "NotLending",
    "Piece",
    "PostingDraft",
    "Transfer",
    "UnbalancedPosting",
    "UnknownAccount",
    "UnknownColumn",
    "UnknownDetail",
    "UnknownDocument",
    "UnknownPosting",
    "add_documents",
    "attach_file",
    "attach_received",
    "change_creditor",
    "change_documents",
    "change_portfolio",
    "close_written_off",
    "detach_file",
    "ensure_creditor",
    "ensure_portfolio",
    "grant_discount",
    "grant_loan",
    "hand_out_more",
    "limit_credit",
    "lock_accounts",
    "lock_frame",
    "mark_disputed",
    "open_accounts",
    "post",
    "post_frame",
    "post_late_interest",
    "post_transfers",
    "record_rates",
    "refinance_loan",
    "reopen_recovered",
    "restate_ahead",
    "restate_all",
    "reverse",
    "reverse_frame",
    "settle_early",
    "store_file",
    "write_off",
]

"""How a client pays, written down: its days, its early discount, and the papers of each document that it asks for."""

import json
from collections.abc import Mapping

import polars as pl
from django.db import transaction

from aldia.access import audit
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import Permission
from aldia.ledger import selectors as ledger_selectors
from aldia.ledger import services as ledger
from aldia.payments.customer_terms import Terms
from aldia.payments.models import CustomerTerms

PAPERS = ("purchase_order", "counter_receipt", "reception")
"""What a document keeps of the client's own papers, among its attributes."""


@transaction.atomic
def save_terms(
    *, actor: Actor, case_id: int, terms: Terms, papers: Mapping[int, Mapping[str, str]], clock: Clock
) -> None:
    """Keep how a client pays, and the papers (document id -> name -> number) of its open documents.

    Its credit changes only at the hand of who may limit it. Raises LookupError for a case of another organisation, NotAllowed.
    """
    actor.check(Permission.WORK_CASES)
    ledger_selectors.account_of(actor, case_id)
    if terms.credit_minor != ledger_selectors.account(actor.organisation_id, case_id).credit_minor:
        actor.check(Permission.LIMIT_CREDIT)
    CustomerTerms.objects.of(actor.organisation_id).update_or_create(
        organisation_id=actor.organisation_id, account_id=case_id,
        defaults={
            "weekdays": sorted(terms.days.weekdays), "month_days": sorted(terms.days.month_days),
            "early_hundredths": terms.early.hundredths if terms.early else 0, "early_days": terms.early.days if terms.early else 0,
            "has_order": terms.needs_order, "has_counter_receipt": terms.needs_counter_receipt, "note": terms.note[:300],
        },
    )  # fmt: skip
    ledger.limit_credit(actor=actor, account_id=case_id, credit_minor=terms.credit_minor)
    lines = ledger_selectors.documents(actor, case_id=case_id, as_of=clock.as_of, is_open=True)
    changed = []
    for line in lines:
        told = {
            name: str(papers.get(line.id, {}).get(name, line.attributes.get(name, "")))[:60].strip()
            for name in PAPERS
        }
        kept = {name: value for name, value in told.items() if value}
        rest = {name: value for name, value in line.attributes.items() if name not in PAPERS}
        if rest | kept != line.attributes:
            changed.append(
                {"document_id": line.id, "attributes": json.dumps(rest | kept, ensure_ascii=False)}
            )
    if changed:
        ledger.change_documents(
            organisation_id=actor.organisation_id, changes=pl.DataFrame(changed), columns=["attributes"]
        )
    audit.record(
        actor=actor, verb="payments.terms.save", object_type="case", object_id=case_id, now=clock.now,
        data={"documents": [row["document_id"] for row in changed], "credit_minor": terms.credit_minor},
    )  # fmt: skip

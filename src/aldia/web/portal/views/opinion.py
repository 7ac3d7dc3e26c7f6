"""One question after an act: how did we treat you? From 1 to 5, a sentence if they wish, without a name if they prefer."""

from __future__ import annotations

from typing import Final

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from aldia.outcomes import selectors as outcomes
from aldia.outcomes.quality import opinions
from aldia.payments import selectors as payments
from aldia.web.portal.views.account import account_context, answered_dispute
from aldia.web.portal.visits import Visit, visitor

WRONG: Final = 422
KINDS: Final = {
    "promesa": "promise",
    "pago": "payment",
    "desacuerdo": "dispute",
    "respuesta": "answer",
    "chat": "chat",
}
"""The acts of the portal, by the word of their page; anything else is about the message that brought the visitor."""
WORDS: Final = (
    (5, gettext_lazy("Muy bien")), (4, gettext_lazy("Bien")), (3, gettext_lazy("Ni bien ni mal")),
    (2, gettext_lazy("Mal")), (1, gettext_lazy("Muy mal")),
)  # fmt: skip


@visitor
@require_http_methods(["GET", "POST"])
def opinion(request: HttpRequest, visit: Visit) -> HttpResponse:
    """Ask, and keep the answer once for the act."""
    word = (request.POST if request.method == "POST" else request.GET).get("de", "")
    kind, act_id = _act(visit, word)
    context = account_context(visit) | {
        "words": WORDS, "de": word if word in KINDS else "",
        "is_given": opinions.has_opined(visit.organisation.pk, visit.case_id, kind=kind, act_id=act_id),
    }  # fmt: skip
    if request.method == "GET":
        return render(request, "portal/opinion.html", context)
    score = request.POST.get("score", "")
    draft = opinions.OpinionDraft(
        kind, act_id, int(score) if score in {"1", "2", "3", "4", "5"} else 0, request.POST.get("text", ""),
        is_anonymous=bool(request.POST.get("anonymous")),
    )  # fmt: skip
    try:
        opinions.give_opinion(actor=visit.actor, case_id=visit.case_id, draft=draft, clock=visit.clock)
    except opinions.OpinionRefused as refusal:
        return render(request, "portal/opinion.html", context | {"problem": str(refusal)}, status=WRONG)
    return redirect("portal:done", token=visit.token, kind="opinion")


def _act(visit: Visit, word: str) -> tuple[str, int]:
    """The act that is asked about: the newest of its kind in the case, else the message whose link was opened."""
    kind = KINDS.get(word, "link")
    found: int | None = None
    if kind == "promise":
        found = max((row.id for row in outcomes.promises_of_case(visit.actor, visit.case_id)), default=None)
    elif kind == "dispute":
        rows = outcomes.disputes_of_case(visit.actor, visit.case_id, as_of=visit.clock.as_of)
        found = max((row.id for row in rows), default=None)
    elif kind == "answer":
        answered = answered_dispute(visit)
        found = answered.id if answered else None
    elif kind == "payment":
        told = payments.reported(visit.actor, is_open=None, case_id=visit.case_id)
        found = max((row.pk for row in told), default=None)
    elif kind == "chat":
        found = visit.clock.as_of.toordinal()  # a day's conversation
    return (kind, found) if found is not None else ("link", visit.link.pk)


urls = [path("<str:token>/opinion/", opinion, name="opinion")]

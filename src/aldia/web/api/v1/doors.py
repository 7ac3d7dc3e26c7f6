"""The doors of the API: a token with its permissions, the wall of its organisation, how often, once per key, and refusals said alike."""

import json
from collections.abc import Callable
from functools import wraps
from http import HTTPStatus
from typing import Any, Final

from django.core.exceptions import ObjectDoesNotExist, RequestDataTooBig
from django.core.serializers.json import DjangoJSONEncoder
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext as _
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, Throttled, ValidationError
from ninja.security import HttpBearer
from ninja.throttling import AuthRateThrottle

from aldia.access import selectors as access
from aldia.access import tokens
from aldia.access.actors import Actor, Clock
from aldia.access.permissions import NotAllowed, Permission
from aldia.db.walls import behind_wall
from aldia.ledger.owning import seen_by_owner

RATE: Final = "600/min"
KEY_HEADER: Final = "Idempotency-Key"
Answer = tuple[int, dict[str, Any]]


class TokenRequest(HttpRequest):
    """A call whose token was good: what the middleware is for staff, the door is for tokens."""

    actor: Actor
    clock: Clock
    token_id: int


class Token(HttpBearer):
    """`Authorization: Bearer aldia_…`."""

    def authenticate(self, request: HttpRequest, token: str) -> int | None:
        """Return the token's id, with who acts on the request; None when nobody does."""
        now = timezone.now()
        found = tokens.actor_of_token(token, now=now)
        if found is None:
            return None
        actor, token_id = found
        clock = access.clock_of(access.organisation_of(actor), now)
        actor = seen_by_owner(actor, as_of=clock.as_of)
        request.actor, request.token_id, request.clock = actor, token_id, clock  # type: ignore[attr-defined]
        return token_id


api = NinjaAPI(
    title="aldia", version="1", docs_url=None, openapi_url="/openapi.json", urls_namespace="api-v1", auth=Token(),
    throttle=[AuthRateThrottle(RATE)], description="Documentos, contactos, cobros, promesas y casos de una organización.",
)  # fmt: skip
NEEDS: Final[dict[str, Permission]] = {}
"""What each operation asks of its token, by the operation's name: read by the matrix of permissions."""


def needs(permission: Permission) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Let in tokens that were given the permission, behind the wall of their organisation."""

    def guard(view: Callable[..., Any]) -> Callable[..., Any]:
        NEEDS[view.__name__] = permission

        @wraps(view)
        def guarded(request: TokenRequest, *args: Any, **kwargs: Any) -> Any:
            request.actor.check(permission)
            with behind_wall(request.actor.organisation_id):
                return view(request, *args, **kwargs)

        return guarded

    return guard


def once(request: TokenRequest, act: Callable[[], Answer]) -> HttpResponse:
    """Do what a writing call asks, once for its key. Raises HttpError without one, KeyReused."""
    key = request.headers.get(KEY_HEADER, "").strip()
    if not 0 < len(key) <= 120:
        raise HttpError(400, _("Falta la cabecera %(name)s, de 1 a 120 caracteres.") % {"name": KEY_HEADER})
    asked = f"{request.method} {request.path}\n".encode() + request.body
    status, body, is_before = tokens.answered_once(
        actor=request.actor, token_id=request.token_id, key=key, asked=asked, now=timezone.now(), act=act
    )
    answer = HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=status,
        content_type="application/json",
    )
    if is_before:
        answer["Idempotent-Replayed"] = "true"
    return answer


def problem(status: int, code: str, detail: str, **more: Any) -> HttpResponse:
    """Return a refusal as RFC 9457 says it; `detail` is for people, in their language."""
    body = {
        "type": f"urn:aldia:{code}",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        **more,
    }
    return HttpResponse(
        json.dumps(body, cls=DjangoJSONEncoder, ensure_ascii=False),
        status=status,
        content_type="application/problem+json",
    )


@api.exception_handler(ValidationError)
def _unreadable(request: HttpRequest, error: ValidationError) -> HttpResponse:
    told = [
        {"field": ".".join(str(part) for part in each["loc"]), "found": each["msg"]} for each in error.errors
    ]
    return problem(422, "unreadable", _("El pedido no se puede leer: mira cada campo."), errors=told[:50])


@api.exception_handler(AuthenticationError)
def _stranger(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    answer = problem(401, "no_token", _("Falta un token vivo: Authorization: Bearer aldia_…"))
    answer["WWW-Authenticate"] = "Bearer"
    return answer


@api.exception_handler(NotAllowed)
def _not_allowed(request: HttpRequest, error: NotAllowed) -> HttpResponse:
    return problem(
        403, "not_allowed", _("Este token no tiene ese permiso."), permission=str(error.permission)
    )


@api.exception_handler(Throttled)
def _too_often(request: HttpRequest, error: Throttled) -> HttpResponse:
    answer = problem(429, "too_often", _("Demasiados pedidos: espera lo que dice Retry-After."))
    answer["Retry-After"] = str(int(error.wait or 1) + 1)
    return answer


@api.exception_handler(tokens.KeyReused)
def _reused(request: HttpRequest, error: tokens.KeyReused) -> HttpResponse:
    return problem(422, "key_reused", str(error))


@api.exception_handler(ObjectDoesNotExist)
def _missing(request: HttpRequest, error: ObjectDoesNotExist) -> HttpResponse:
    return problem(404, "not_found", _("No existe en esta organización."))


@api.exception_handler(LookupError)
def _unknown(request: HttpRequest, error: LookupError) -> HttpResponse:
    return problem(404, "not_found", str(error) if error.args else _("No existe en esta organización."))


@api.exception_handler(RequestDataTooBig)
def _too_big(request: HttpRequest, error: RequestDataTooBig) -> HttpResponse:
    return problem(413, "too_big", _("El pedido es demasiado grande: pártelo en lotes más chicos."))


@api.exception_handler(HttpError)
def _said(request: HttpRequest, error: HttpError) -> HttpResponse:
    if isinstance(error.__cause__, ValueError) and str(error).startswith(
        "Cannot parse"
    ):  # the library's own words
        return problem(400, "not_json", _("El cuerpo del pedido no es JSON."))
    return problem(error.status_code, "refused", str(error))

"""Theme, language and shortcut keys of whoever is looking; in the profile when signed in, else in a cookie."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from aldia.access import services as access
from aldia.web.ui.context import KEYS_COOKIE, THEME_COOKIE, THEMES

_YEAR = 365 * 24 * 3600
_LANGUAGES = {code for code, _ in settings.LANGUAGES}


@require_POST
def save(request: HttpRequest) -> HttpResponse:
    """Keep the choices that were sent, ignore what is not a choice, and go back to the page."""
    response = HttpResponseRedirect(_back(request))
    theme, language, keys = (request.POST.get(name) for name in ("theme", "language", "keys"))
    if theme in THEMES:
        _keep(response, THEME_COOKIE, theme)
    if language in _LANGUAGES:
        _keep(response, settings.LANGUAGE_COOKIE_NAME, language)
    if keys in {"on", "off"}:
        _keep(response, KEYS_COOKIE, keys)
    _keep_in_profile(request, theme, language, keys)
    return response


def _keep_in_profile(request: HttpRequest, theme: str | None, language: str | None, keys: str | None) -> None:
    if not request.user.is_authenticated:
        return
    access.set_preferences(
        user=request.user,
        language=language if language in _LANGUAGES else None,
        theme=theme if theme in THEMES else None,
        has_shortcuts={"on": True, "off": False}.get(keys or ""),
    )


def _keep(response: HttpResponse, name: str, value: str) -> None:
    response.set_cookie(
        name, value, max_age=_YEAR, samesite="Lax", httponly=True, secure=settings.SESSION_COOKIE_SECURE
    )


def _back(request: HttpRequest) -> str:
    address = request.POST.get("next", "/")
    is_ours = url_has_allowed_host_and_scheme(
        address, {request.get_host()}, require_https=request.is_secure()
    )
    return address if is_ours else "/"

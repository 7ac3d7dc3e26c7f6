"""The first account of an organisation, made by the link that whoever runs the server was given."""

from typing import Any

from django import forms
from django.contrib.auth import login
from django.contrib.auth.password_validation import validate_password
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from aldia.access import entering
from aldia.access import services as access

GONE, WRONG = 410, 422


class FirstForm(forms.Form):
    name = forms.CharField(label=_("Tu nombre"), max_length=100)
    email = forms.EmailField(label=_("Correo"))
    password = forms.CharField(label=_("Contraseña"), strip=False, max_length=200)

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        validate_password(password)
        return password


@never_cache
@require_http_methods(["GET", "POST"])
def first(request: HttpRequest, token: str) -> HttpResponse:
    """Make the administrator's account and let it in; 410 for a link that does not serve any more."""
    try:
        organisation = entering.awaiting(token)
        form = FirstForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            user = access.enter_first(token=token, now=timezone.now(), **form.cleaned_data)
            login(request, user, backend="django.contrib.auth.backends.ModelBackend")
            return HttpResponseRedirect("/")
    except entering.DoorClosed as closed:
        return render(request, "ui/first.html", {"closed": str(closed)}, status=GONE)
    except access.UnableToAdd as refusal:
        form.add_error("email", str(refusal))
    context: dict[str, Any] = {"form": form, "organisation": organisation}
    return render(request, "ui/first.html", context, status=WRONG if form.errors else 200)

"""What a mail server answered, in plain words, with its own words beside them."""

import smtplib
import socket
import ssl
from typing import Any, Final

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

_CONNECTING: Final[tuple[tuple[type[OSError], Any], ...]] = (
    (socket.gaierror, gettext_lazy("No existe ese servidor: revisa el nombre.")),
    (ConnectionRefusedError, gettext_lazy("Nadie escucha en ese puerto: revisa el número de puerto.")),
    (
        ssl.SSLCertVerificationError,
        gettext_lazy("El certificado del servidor no es de confianza: revisa el nombre, o pide uno válido."),
    ),
    (ssl.SSLError, gettext_lazy("El cifrado no coincide: prueba con STARTTLS (587) o con TLS (465).")),
    (TimeoutError, gettext_lazy("El servidor no contesta: puede que una red o un cortafuegos lo impida.")),
)


def in_plain_words(error: BaseException) -> str:
    """Return one sentence that says what went wrong and what to look at."""
    for kind, text in _CONNECTING:
        if isinstance(error, kind):
            return str(text)
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return _("El servidor no aceptó el usuario o la contraseña.")
    if isinstance(error, smtplib.SMTPSenderRefused):
        return _("El servidor no deja escribir con ese remitente: usa una dirección que le pertenezca.")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return _("El servidor no aceptó la dirección de destino.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return _("El servidor no ofrece lo que se le pide: revisa el cifrado, o si pide usuario.")
    if isinstance(error, smtplib.SMTPServerDisconnected):
        return _("El servidor cortó la conexión: suele ser el cifrado o el puerto equivocados.")
    return _("El servidor no tomó el mensaje.")


def own_words(error: BaseException) -> str:
    """Return what the server or the network said, as it said it, in one line of at most 300 letters."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        answers = [f"{code} {_text(said)}" for code, said in error.recipients.values()]
        return "; ".join(answers)[:300]
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:300]
    return str(error)[:300]


def _text(said: bytes | str) -> str:
    return " ".join((said.decode(errors="replace") if isinstance(said, bytes) else said).split())

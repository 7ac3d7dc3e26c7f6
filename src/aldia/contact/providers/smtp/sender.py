"""Hands e-mail to an SMTP server; knows which failures are certain."""

import smtplib
import ssl
from datetime import UTC, datetime
from email.utils import parseaddr
from typing import Any

from django.conf import settings

from aldia.contact.providers.protocol import (
    Accepted,
    Call,
    CallRefused,
    Capabilities,
    Outgoing,
    Parsed,
    ProviderConfig,
    ProviderError,
)
from aldia.contact.providers.smtp.mime import mime_of

# Refusals that come before the server has taken the message: nothing left.
_CERTAIN = (
    smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError,
)  # fmt: skip


class _Remembers(smtplib.SMTP):
    """Keeps what the server said when it took a message, which the library throws away."""

    said = ""

    def data(self, msg: Any) -> tuple[int, bytes]:
        code, answer = super().data(msg)
        self.said = f"{code} {answer.decode(errors='replace')}"
        return code, answer


class _RemembersOverTls(_Remembers, smtplib.SMTP_SSL):
    pass


class Smtp:
    key = "smtp"
    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True, has_attachments=True)

    def __init__(self, config: ProviderConfig) -> None:
        told = config if config.get("host") else installed()
        self._host, self._port = str(told.get("host", "")), int(told.get("port") or 25)
        self._user, self._password = str(told.get("user", "")), str(told.get("password", ""))
        self._security = str(told.get("security", "none"))
        self._connection: _Remembers | None = None

    def send(self, message: Outgoing) -> Accepted:
        try:
            mail = mime_of(message, now=datetime.now(UTC))
        except ValueError as error:  # a line break in a header, an address that is none
            raise ProviderError(_told(error), is_certain=True, is_permanent=True) from error
        server = self._connected()
        try:
            server.sendmail(message.returns_to or parseaddr(message.sender)[1], [message.recipient], mail)
        except _CERTAIN as error:
            self._reset()
            raise ProviderError(_told(error), is_certain=True, is_permanent=_is_permanent(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise ProviderError(_told(error), is_certain=False, is_permanent=False) from error
        return Accepted(provider_reference=message.reference, answer=server.said)

    def look_up(self, reference: str) -> bool | None:
        return None  # SMTP cannot be asked

    def parse_events(self, call: Call) -> Parsed:
        raise CallRefused("nobody calls back for this provider")

    def close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()  # it was dead already
            self._connection = None

    def _connected(self) -> _Remembers:
        if self._connection is not None and self._is_alive(self._connection):
            return self._connection
        if not self._host:
            raise ProviderError("no mail server is set", is_certain=True, is_permanent=True)
        try:
            self._connection = self._open()
        except (smtplib.SMTPException, OSError) as error:
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error
        return self._connection

    def _open(self) -> _Remembers:
        """A session ready to take mail. Certificates are checked: a password never goes to whoever answers."""
        trusted, patience = ssl.create_default_context(), settings.EMAIL_TIMEOUT
        if self._security == "tls":
            server: _Remembers = _RemembersOverTls(self._host, self._port, timeout=patience, context=trusted)
        else:
            server = _Remembers(self._host, self._port, timeout=patience)
        try:
            if self._security == "starttls":
                server.starttls(context=trusted)
            if self._user:
                server.login(self._user, self._password)
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server

    @staticmethod
    def _is_alive(server: smtplib.SMTP) -> bool:
        try:
            return server.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _reset(self) -> None:
        """A refused message leaves the session in the middle of a transaction."""
        try:
            if self._connection is not None:
                self._connection.rset()
        except (smtplib.SMTPException, OSError):
            self._connection = None


def installed() -> ProviderConfig:
    """Return the server that the installation names by ALDIA_SMTP_…: who runs it may set it for everybody."""
    security = "tls" if settings.EMAIL_USE_SSL else "starttls" if settings.EMAIL_USE_TLS else "none"
    return {
        "host": settings.EMAIL_HOST,
        "port": settings.EMAIL_PORT,
        "user": settings.EMAIL_HOST_USER,
        "password": settings.EMAIL_HOST_PASSWORD,
        "security": security,
    }


def make(config: ProviderConfig) -> Smtp:
    """Return an SMTP sender; connects at the first message."""
    return Smtp(config)


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]

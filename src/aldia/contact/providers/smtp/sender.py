"""Hands e-mail to an SMTP server; knows which failures are certain."""

import smtplib
from datetime import UTC, datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP as SMTP_POLICY
from email.utils import format_datetime, parseaddr

from django.conf import settings

from aldia.contact.providers.protocol import (
    Accepted,
    Capabilities,
    Event,
    Outgoing,
    ProviderConfig,
    ProviderError,
)

# Refusals that come before the server has taken the message: nothing left.
_CERTAIN = (
    smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError,
)  # fmt: skip


class Smtp:
    key = "smtp"
    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True, has_attachments=True)

    def __init__(self, config: ProviderConfig) -> None:
        self._host = str(config.get("host") or settings.EMAIL_HOST)
        self._port = int(config.get("port") or settings.EMAIL_PORT)
        self._user = str(config.get("user") or settings.EMAIL_HOST_USER)
        self._password = str(config.get("password") or settings.EMAIL_HOST_PASSWORD)
        self._has_tls = bool(config.get("tls", settings.EMAIL_USE_SSL))
        self._has_starttls = bool(config.get("starttls", settings.EMAIL_USE_TLS))
        self._connection: smtplib.SMTP | None = None

    def send(self, message: Outgoing) -> Accepted:
        try:
            mail = _mime(message)
        except ValueError as error:  # a line break in a header, an address that is none
            raise ProviderError(_told(error), is_certain=True, is_permanent=True) from error
        server = self._connected()
        try:
            server.send_message(mail)
        except _CERTAIN as error:
            self._reset()
            raise ProviderError(_told(error), is_certain=True, is_permanent=_is_permanent(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise ProviderError(_told(error), is_certain=False, is_permanent=False) from error
        return Accepted(provider_reference=message.reference)

    def look_up(self, reference: str) -> bool | None:
        return None  # SMTP cannot be asked

    def parse_events(self, body: bytes, headers: dict[str, str]) -> list[Event]:
        return []

    def close(self) -> None:
        if self._connection is not None:
            try:
                self._connection.quit()
            except (smtplib.SMTPException, OSError):
                self._connection.close()  # it was dead already
            self._connection = None

    def _connected(self) -> smtplib.SMTP:
        if self._connection is not None and self._is_alive(self._connection):
            return self._connection
        if not self._host:
            raise ProviderError("ALDIA_SMTP_HOST is not set", is_certain=True, is_permanent=True)
        try:
            kind = smtplib.SMTP_SSL if self._has_tls else smtplib.SMTP
            server = kind(self._host, self._port, timeout=settings.EMAIL_TIMEOUT)
            if self._has_starttls:
                server.starttls()
            if self._user:
                server.login(self._user, self._password)
        except (smtplib.SMTPException, OSError) as error:
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error
        self._connection = server
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


def make(config: ProviderConfig) -> Smtp:
    """Return an SMTP sender; connects at the first message."""
    return Smtp(config)


def _mime(message: Outgoing) -> EmailMessage:
    mail = EmailMessage(policy=SMTP_POLICY)
    name, address = parseaddr(message.sender)
    mail["From"] = Address(name, addr_spec=address) if address else message.sender
    mail["To"] = message.recipient
    mail["Subject"] = message.subject
    mail["Date"] = format_datetime(datetime.now(UTC))
    mail["Message-ID"] = f"<{message.reference}@{address.rpartition('@')[2] or 'localhost'}>"
    for header, value in message.headers.items():
        mail[header] = value
    mail.set_content(message.text)
    if message.html:
        mail.add_alternative(message.html, subtype="html")
    for attachment in message.attachments:
        kind, _, subtype = attachment.content_type.partition("/")
        mail.add_attachment(
            attachment.content, maintype=kind, subtype=subtype or "octet-stream", filename=attachment.name
        )
    return mail


def _is_permanent(error: Exception) -> bool:
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(code >= 500 for code, _ in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and error.smtp_code >= 500


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]

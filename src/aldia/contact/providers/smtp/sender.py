"""Hands e-mail to an SMTP server; knows which failures are certain."""

import re
import smtplib
import ssl
import time
from datetime import UTC, datetime
from typing import Any, Final

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
from aldia.contact.providers.smtp.dkim import signer
from aldia.contact.providers.smtp.mime import address_of, mime_of

_LEADING_DOT: Final = re.compile(rb"^\.", re.MULTILINE)  # a line of one dot would end the message
LANES: Final = 4  # fewer than any server allows one client (Postfix 50, Gmail 10)
_FRESH: Final = 2.0  # seconds in which a session that just took a message is trusted without a question
# Refusals that come before the server has taken the message: nothing left.
_CERTAIN = (
    smtplib.SMTPConnectError, smtplib.SMTPHeloError, smtplib.SMTPAuthenticationError, smtplib.SMTPSenderRefused,
    smtplib.SMTPRecipientsRefused, smtplib.SMTPDataError, smtplib.SMTPNotSupportedError,
)  # fmt: skip


class _Line(smtplib.SMTP):
    """One session. It says in one breath what the server allows (RFC 2920), and keeps what it answered."""

    used_at = 0.0

    def hand_over(self, sender: str, recipient: str, content: bytes) -> str:
        """Return what the server said when it took the message. Raises as the library does; `NotYet` while nothing was handed."""
        told = [f"mail FROM:{smtplib.quoteaddr(sender)}", f"rcpt TO:{smtplib.quoteaddr(recipient)}", "data"]
        taken = self._asked_together(told) if self.has_extn("pipelining") else self._asked(told)
        for (code, answer), expected in zip(taken, (250, 250, 354), strict=False):
            if code != expected and not (expected == 250 and code == 251):
                self._refused(taken, (code, answer), sender, recipient)
        self.send(_LEADING_DOT.sub(b"..", content) + b".\r\n")
        code, answer = self.getreply()
        if code != 250:
            raise smtplib.SMTPDataError(code, answer)
        self.used_at = time.monotonic()
        return f"{code} {answer.decode(errors='replace')}"

    def _asked(self, told: list[str]) -> list[tuple[int, bytes]]:
        taken = []
        for each in told:
            taken.append(self._before_data(lambda each=each: self.docmd(each)))
            if taken[-1][0] >= 400:
                break
        return taken

    def _asked_together(self, told: list[str]) -> list[tuple[int, bytes]]:
        self._before_data(lambda: self.send("".join(f"{each}\r\n" for each in told)))
        return [self._before_data(self.getreply) for _each in told]

    @staticmethod
    def _before_data(step: Any) -> Any:
        try:
            return step()
        except (smtplib.SMTPServerDisconnected, OSError) as error:
            raise NotYet(str(error)) from error

    def _refused(
        self, taken: list[tuple[int, bytes]], answer: tuple[int, bytes], sender: str, recipient: str
    ) -> None:
        if (
            len(taken) == 3 and taken[2][0] == 354
        ):  # it waits for a message that nobody may get: none is given
            self.send(b".\r\n")
            self.getreply()
        place = taken.index(answer)
        if place == 0:
            raise smtplib.SMTPSenderRefused(*answer, sender)
        if place == 1:
            raise smtplib.SMTPRecipientsRefused({recipient: answer})
        raise smtplib.SMTPDataError(*answer)


class _LineOverTls(_Line, smtplib.SMTP_SSL):
    pass


class NotYet(smtplib.SMTPException):
    """Raised when a session broke before the message was handed over: nothing left."""


class Smtp:
    key = "smtp"
    capabilities = Capabilities(frozenset({"email"}), leaves_machine=True, has_attachments=True, lanes=LANES)

    def __init__(self, config: ProviderConfig) -> None:
        told = config if config.get("host") else installed()
        self._host, self._port = str(told.get("host", "")), int(told.get("port") or 25)
        self._user, self._password = str(told.get("user", "")), str(told.get("password", ""))
        self._security = str(told.get("security", "none"))
        self._signers = {
            name: signer(name, each["selector"], each["key"]) for name, each in config.get("dkim", {}).items()
        }
        self._connection: _Line | None = None

    def send(self, message: Outgoing) -> Accepted:
        try:
            mail = self._signed(mime_of(message, now=(now := datetime.now(UTC))), message, now)
        except ValueError as error:  # a line break in a header, an address that is none
            raise ProviderError(_told(error), is_certain=True, is_permanent=True) from error
        try:
            said = self._handed_over(message, mail)
        except NotYet as error:
            self.close()
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error
        except _CERTAIN as error:
            self._reset()
            raise ProviderError(_told(error), is_certain=True, is_permanent=_is_permanent(error)) from error
        except (smtplib.SMTPException, OSError) as error:
            self.close()
            raise ProviderError(_told(error), is_certain=False, is_permanent=False) from error
        return Accepted(provider_reference=message.reference, answer=said)

    def _signed(self, mail: bytes, message: Outgoing, now: datetime) -> bytes:
        own = self._signers.get(address_of(message.sender).rpartition("@")[2].lower())
        return own.signed(mail, now=now) if own else mail

    def _handed_over(self, message: Outgoing, mail: bytes) -> str:
        """A session that was used before may have been closed meanwhile: then, with nothing handed over, a new one is tried."""
        is_used = self._connection is not None
        server = self._connected()
        told = (message.returns_to or address_of(message.sender), message.recipient, mail)
        try:
            return server.hand_over(*told)
        except (NotYet, smtplib.SMTPSenderRefused) as error:
            if not is_used or getattr(error, "smtp_code", 421) != 421:
                raise
        self.close()
        return self._connected().hand_over(*told)

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

    def _connected(self) -> _Line:
        if self._connection is not None and self._is_alive(self._connection):
            return self._connection
        self.close()
        if not self._host:
            raise ProviderError("no mail server is set", is_certain=True, is_permanent=True)
        try:
            self._connection = self._open()
        except (smtplib.SMTPException, OSError) as error:
            raise ProviderError(_told(error), is_certain=True, is_permanent=False) from error
        return self._connection

    def _open(self) -> _Line:
        """A session ready to take mail. Certificates are checked: a password never goes to whoever answers."""
        trusted = None if self._security == "none" else ssl.create_default_context()
        patience = settings.EMAIL_TIMEOUT
        if self._security == "tls":
            server: _Line = _LineOverTls(self._host, self._port, timeout=patience, context=trusted)
        else:
            server = _Line(self._host, self._port, timeout=patience)
        try:
            if self._security == "starttls":
                server.starttls(context=trusted)
            if self._user:
                server.login(self._user, self._password)
            server.ehlo_or_helo_if_needed()
        except (smtplib.SMTPException, OSError):
            server.close()
            raise
        return server

    @staticmethod
    def _is_alive(server: _Line) -> bool:
        if time.monotonic() - server.used_at < _FRESH:
            return True
        try:
            return server.noop()[0] == 250
        except (smtplib.SMTPException, OSError):
            return False

    def _reset(self) -> None:
        """A refused message leaves the session in the middle of a transaction."""
        try:
            if self._connection is not None:
                self._connection.used_at = 0.0
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

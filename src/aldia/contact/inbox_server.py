"""The box where replies and bounces come in, as a person writes it down."""

from dataclasses import dataclass
from typing import Final

CHANNEL: Final = "email"


@dataclass(frozen=True)
class InboxServer:
    """The address that people answer to (each message adds its own `+token`), and the IMAP server where it is read.

    Without a host nobody fetches: the mail server hands mails to `aldia inbound -`. An empty password keeps the one there is.
    """

    address: str
    host: str = ""
    port: int = 993
    security: str = "tls"
    user: str = ""
    password: str = ""

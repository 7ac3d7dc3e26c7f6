"""A Postfix of our own on loopback, in a folder of its own: what it accepts is handed by LMTP to a box that tests can wait on."""

import os
import pwd
import queue
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path

from aiosmtpd.controller import Controller
from aiosmtpd.lmtp import LMTP
from aiosmtpd.smtp import Envelope, Session

DOMAIN = "elarbol.example"  # the only one it takes mail for
MASTER = Path("/usr/share/postfix/master.cf.dist")
PATIENCE = 20.0


class Box:
    """What Postfix delivered, in order."""

    def __init__(self) -> None:
        self._mails: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, server: LMTP, session: Session, envelope: Envelope) -> str:
        self._mails.put(message_from_bytes(envelope.content or b"", policy=policy.default))  # type: ignore[arg-type]
        return "250 OK"

    def next(self) -> EmailMessage:
        """Return the next mail; raises queue.Empty when none comes."""
        return self._mails.get(timeout=PATIENCE)


class Inbound(Controller):
    def factory(self) -> LMTP:
        return LMTP(self.handler)


@contextmanager
def postfix(folder: Path, *, port: int, lmtp_port: int) -> Iterator[Box]:
    """Run Postfix on `port` until the block ends, with a box that takes what it delivers."""
    box = Box()
    inbound = Inbound(box, hostname="127.0.0.1", port=lmtp_port)
    inbound.start()
    try:
        with alone(folder, port=port, delivers_by=f"lmtp:inet:127.0.0.1:{lmtp_port}"):
            yield box
    finally:
        inbound.stop()


@contextmanager
def alone(folder: Path, *, port: int, delivers_by: str) -> Iterator[None]:
    """Run Postfix on `port` until the block ends; only as root, as its master process asks. `delivers_by`: a transport of its."""
    _configure(folder, port, delivers_by)
    try:
        subprocess.run(
            ["postfix", "-c", folder / "etc", "start"], check=True, capture_output=True, timeout=60
        )
        yield
    finally:
        subprocess.run(
            ["postfix", "-c", folder / "etc", "stop"], check=False, capture_output=True, timeout=60
        )


def _configure(folder: Path, port: int, delivers_by: str) -> None:
    for name in ("etc", "queue", "data"):
        (folder / name).mkdir(parents=True)
    owner = pwd.getpwnam("postfix")
    (folder / "data").chmod(0o700)
    os.chown(folder / "data", owner.pw_uid, owner.pw_gid)
    for place in (folder, *folder.parents):
        if place.stat().st_uid == os.geteuid() and place != Path("/"):
            place.chmod(place.stat().st_mode | 0o711)  # Postfix's own user has to reach its folders
    lines = MASTER.read_text("utf-8").splitlines()
    services = [_unjailed(line) for line in lines if line and not line.startswith(("#", "smtp      inet"))]
    (folder / "etc" / "master.cf").write_text(
        "\n".join([f"127.0.0.1:{port} inet n - n - - smtpd", *services]) + "\n", encoding="utf-8"
    )
    settings = {
        "compatibility_level": "3.6", "queue_directory": folder / "queue", "data_directory": folder / "data",
        "maillog_file": folder / "queue" / "mail.log", "maillog_file_prefixes": folder, "inet_interfaces": "127.0.0.1",
        "inet_protocols": "ipv4", "myhostname": "correo.test", "mydestination": "", "mynetworks": "127.0.0.0/8",
        "virtual_mailbox_domains": f"{DOMAIN}, bench.example", "virtual_mailbox_maps": "static:all",
        "virtual_transport": delivers_by,
        "smtpd_relay_restrictions": "reject_unauth_destination", "default_transport": "error:no external mail",
        "relay_transport": "error:no external mail", "recipient_delimiter": "+", "alias_maps": "", "alias_database": "", "local_recipient_maps": "",
    }  # fmt: skip
    (folder / "etc" / "main.cf").write_text(
        "".join(f"{name} = {value}\n" for name, value in settings.items()), encoding="utf-8"
    )


def _unjailed(line: str) -> str:
    """A service without chroot: the fifth column."""
    words = line.split()
    if line[0].isspace() or len(words) < 8 or words[4] != "y":
        return line
    return " ".join([*words[:4], "n", *words[5:]])

"""A Dovecot of our own on loopback, in a folder of its own: takes mail by LMTP from Postfix, and gives it by IMAP."""

import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from aldia.contact.services import InboxServer

PASSWORD = "secreta"
PATIENCE = 15.0
_CONF = """protocols = imap lmtp
listen = 127.0.0.1
ssl = no
disable_plaintext_auth = no
base_dir = {folder}/run
state_dir = {folder}/state
log_path = {folder}/dovecot.log
mail_location = maildir:{folder}/boxes/%n
default_internal_user = nobody
default_login_user = nobody
default_internal_group = nogroup
first_valid_uid = 1
recipient_delimiter = +
auth_username_format = %Ln
passdb {{
  driver = static
  args = password={password}
}}
userdb {{
  driver = static
  args = uid=nobody gid=nogroup home={folder}/boxes/%n allow_all_users=yes
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service anvil {{
  chroot =
}}
service lmtp {{
  inet_listener lmtp {{
    address = 127.0.0.1
    port = {lmtp}
  }}
}}
"""


@contextmanager
def dovecot(folder: Path, *, imap: int, lmtp: int) -> Iterator[None]:
    """Run Dovecot until the block ends; only as root, as its master process asks."""
    (folder / "boxes").mkdir(parents=True)
    for place in (folder, folder / "boxes"):
        place.chmod(0o777)
    conf = folder / "dovecot.conf"
    conf.write_text(_CONF.format(folder=folder, password=PASSWORD, imap=imap, lmtp=lmtp), encoding="utf-8")
    with subprocess.Popen(
        ["dovecot", "-F", "-c", conf], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    ) as master:
        try:
            _await(folder / "dovecot.log", master)
            yield
        finally:
            master.terminate()


def _await(log: Path, master: "subprocess.Popen[bytes]") -> None:
    patience = time.monotonic() + PATIENCE
    while "starting up" not in (log.read_text(encoding="utf-8") if log.exists() else ""):
        if master.poll() is not None or time.monotonic() > patience:
            raise RuntimeError(f"Dovecot did not start: {log}")
        time.sleep(0.02)


def box(address: str, imap: int) -> InboxServer:
    """The box of an address, as an organisation writes it down."""
    return InboxServer(address, "127.0.0.1", imap, "none", address.partition("@")[0], PASSWORD)

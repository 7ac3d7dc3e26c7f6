"""A message broker of our own on loopback, started from the programs of the system and stopped at the end."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

RABBITMQ: Final = "/usr/lib/rabbitmq/bin/rabbitmq-server"
PATIENCE: Final = 60.0


@contextmanager
def broker_of(name: str, folder: Path) -> Iterator[str]:
    """Yield the URL of a broker: `redis` or `rabbitmq` on a server of its own in the folder, else the URL that was given.

    Raises SystemExit where the program of the server is not installed.
    """
    starts = {"redis": _redis, "rabbitmq": _rabbitmq}
    if name not in starts:
        yield name
        return
    port = _free_port()
    words, env, url = starts[name](folder, port)
    if shutil.which(words[0]) is None:
        raise SystemExit(
            f"{words[0]} no está instalado: instala {name}-server, o da la dirección de uno con --broker."
        )
    with (folder / "broker.log").open("wb") as log:
        server = subprocess.Popen(
            words, env={**os.environ, **env}, stdout=log, stderr=log, start_new_session=True
        )
    try:
        _wait_until_open(port, server)
        yield url
    finally:
        server.terminate()
        server.wait(timeout=60)
        if name == "rabbitmq":  # it leaves its port mapper behind
            subprocess.run(
                ["epmd", "-kill"],
                env={**os.environ, **env},
                stdout=subprocess.DEVNULL,
                check=False,
                timeout=60,
            )


def _redis(folder: Path, port: int) -> tuple[list[str], dict[str, str], str]:
    words = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), "--save", ""]
    return words, {}, f"redis://127.0.0.1:{port}/0"


def _rabbitmq(folder: Path, port: int) -> tuple[list[str], dict[str, str], str]:
    env = {
        "HOME": str(folder), "RABBITMQ_NODENAME": f"aldia{port}@localhost", "RABBITMQ_NODE_IP_ADDRESS": "127.0.0.1",
        "RABBITMQ_NODE_PORT": str(port), "RABBITMQ_DIST_PORT": str(_free_port()), "ERL_EPMD_ADDRESS": "127.0.0.1",
        "ERL_EPMD_PORT": str(_free_port()), "RABBITMQ_MNESIA_BASE": str(folder / "db"), "RABBITMQ_LOG_BASE": str(folder / "log"),
        "RABBITMQ_PID_FILE": str(folder / "pid"), "RABBITMQ_ENABLED_PLUGINS_FILE": str(folder / "enabled"),
        "RABBITMQ_SERVER_ADDITIONAL_ERL_ARGS": "-kernel inet_dist_use_interface {127,0,0,1}",
    }  # fmt: skip
    return [RABBITMQ], env, f"amqp://guest:guest@127.0.0.1:{port}//"


def _free_port() -> int:
    with socket.socket() as trial:
        trial.bind(("127.0.0.1", 0))
        return int(trial.getsockname()[1])


def _wait_until_open(port: int, server: subprocess.Popen[bytes]) -> None:
    patience = time.monotonic() + PATIENCE
    while time.monotonic() < patience and server.poll() is None:
        with socket.socket() as trial:
            trial.settimeout(1)
            if trial.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.1)
    raise SystemExit(f"El servidor de mensajes no abrió su puerto {port} en {PATIENCE:.0f} segundos.")

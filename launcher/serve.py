"""Owns `./aldia run`: web, worker and clock started together, watched together, stopped together."""

import errno
import os
import shutil
import signal
import socket
import subprocess
import time
from contextlib import suppress
from types import FrameType

from launcher.console import DEMO_USERS, FIRST_LINKS, ROOT, Refusal, environment, home, say, tool
from launcher.setup import screens_meanwhile

START_SECONDS = 60
LIVES, LIVES_SECONDS = (
    3,
    60,
)  # a part that dies starts again, unless it dies this often within so many seconds
STOP_SECONDS = 15
THREADS = 8


def serve(*, host: str, port: int, again: bool = False) -> int:
    """Run until Ctrl-C (returns 0) or until a part does not stay alive (returns 1); `again` with a new demonstration."""
    _refuse_busy_port(host, port)
    env = environment(
        ALDIA_PUBLIC_URL=os.environ.get("ALDIA_PUBLIC_URL") or f"http://{host}:{port}",
        PYTHONWARNINGS="ignore:You're running the worker with superuser",  # true, and normal in a container
    )
    _make_folders()
    with screens_meanwhile():
        words = [tool("python"), "-m", "launcher.inside", "prepare", *(["again"] if again else [])]
        if subprocess.run(words, cwd=ROOT, env=env, check=False).returncode:
            return 1
    asked_to_stop: list[int] = []

    def stop(number: int, _frame: FrameType | None) -> None:
        asked_to_stop.append(number)

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, stop)
    commands = _parts(host, port)
    parts = {name: _start(words, env) for name, words in commands.items()}
    try:
        _wait_until_open(host, port, parts, asked_to_stop)
        if not asked_to_stop:
            _greet(env["ALDIA_PUBLIC_URL"])
        if not _watch(commands, parts, env, asked_to_stop):
            return 1
        say("\nCerrando aldia …")
        return 0
    finally:
        _stop_all(parts)


def _parts(host: str, port: int) -> dict[str, list[str]]:
    web = [tool("granian"), "--interface", "wsgi", "aldia.config.wsgi:application", "--no-ws"]
    web += ["--host", host, "--port", str(port), "--blocking-threads", str(THREADS), "--log-level", "error"]
    clock = [tool("celery"), "--quiet", "-A", "aldia.config.celery", "worker", "-B"]
    # One process only: kombu's folders do not stand several workers. Gossip and mingle would need a real broker.
    clock += ["--pool", "threads", "--concurrency", "4"]
    clock += ["--without-gossip", "--without-mingle", "--without-heartbeat", "--loglevel", "WARNING"]
    return {"la web": web, "el trabajador": clock}


def _start(words: list[str], env: dict[str, str]) -> subprocess.Popen[bytes]:
    # A session of its own: Ctrl-C reaches only us, and we stop the parts in order.
    return subprocess.Popen(words, cwd=ROOT, env=env, stdin=subprocess.DEVNULL, start_new_session=True)


def _watch(
    commands: dict[str, list[str]],
    parts: dict[str, subprocess.Popen[bytes]],
    env: dict[str, str],
    asked_to_stop: list[int],
) -> bool:
    """Start again what dies, until somebody asks to stop (True) or a part does not stay alive (False)."""
    deaths: dict[str, list[float]] = {name: [] for name in commands}
    while not asked_to_stop:
        for name in [name for name, part in parts.items() if part.poll() is not None]:
            told = f"\nSe detuvo {name} (código {parts[name].returncode});"
            if not _may_live_again(deaths[name]):
                say(f"{told} aldia se cierra. El motivo está más arriba.")
                return False
            say(f"{told} arranca otra vez.")
            parts[name] = _start(commands[name], env)
        time.sleep(0.3)
    return True


def _may_live_again(deaths: list[float]) -> bool:
    """Note a death. The folders that ring the worker's bell may hand it half a message, which ends it: no work is lost,
    since work waits in the database."""
    now = time.monotonic()
    deaths[:] = [at for at in deaths if at > now - LIVES_SECONDS] + [now]
    return len(deaths) < LIVES


def _refuse_busy_port(host: str, port: int) -> None:
    """granian starts a second time on a busy port without a word, so we look first."""
    with socket.socket() as trial:
        trial.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            trial.bind((host, port))
        except OSError as error:
            reason = (
                "está ocupado" if error.errno == errno.EADDRINUSE else f"no se puede usar: {error.strerror}"
            )
            raise Refusal(
                f"El puerto {port} de {host} {reason}.\n"
                f"Si aldia ya está abierto, entra en http://{host}:{port}. Si no, elige otro: ./aldia run --port {port + 1}"
            ) from error


def _make_folders() -> None:
    """After a crash an empty exchange file would stop every start; the work itself waits as rows in the database."""
    shutil.rmtree(home() / "run/broker/control", ignore_errors=True)
    (home() / "static").mkdir(parents=True, exist_ok=True)


def _wait_until_open(
    host: str, port: int, parts: dict[str, subprocess.Popen[bytes]], asked_to_stop: list[int]
) -> None:
    limit = time.monotonic() + START_SECONDS
    while not asked_to_stop and all(part.poll() is None for part in parts.values()):
        with socket.socket() as trial:
            trial.settimeout(1)
            if trial.connect_ex((host, port)) == 0:
                return
        if time.monotonic() > limit:
            raise Refusal(f"La web no respondió en {START_SECONDS} segundos. El motivo está más arriba.")
        time.sleep(0.1)


def _greet(address: str) -> None:
    say(f"\naldia está abierto en  {address}")
    for told in (home() / DEMO_USERS, home() / FIRST_LINKS):
        if told.exists():
            say(f"\n{told.read_text(encoding='utf-8').rstrip()}")
    say("\nCtrl-C lo cierra.")


def _stop_all(parts: dict[str, subprocess.Popen[bytes]]) -> None:
    """Ask every part to finish what it has in hand; after STOP_SECONDS end it, with its children."""
    for part in parts.values():
        _signal(part, signal.SIGTERM)
    limit = time.monotonic() + STOP_SECONDS
    for part in parts.values():
        with suppress(subprocess.TimeoutExpired):
            part.wait(timeout=max(0.1, limit - time.monotonic()))
        _signal(part, signal.SIGKILL)
        part.wait()


def _signal(part: subprocess.Popen[bytes], number: signal.Signals) -> None:
    with suppress(ProcessLookupError):
        if number is signal.SIGTERM:
            part.terminate()
        else:
            os.killpg(part.pid, number)

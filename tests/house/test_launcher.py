"""The launcher: parts watched together, busy ports refused, set-up done once."""

import io
import os
import signal
import socket
import subprocess
import sys
import threading
from contextlib import nullcontext, redirect_stderr
from pathlib import Path

import pytest

from launcher import console, serve, setup
from launcher.console import Refusal
from tests.waiting import LIMIT

SLEEPS = [sys.executable, "-c", "import signal; signal.pause()"]
DIES = [sys.executable, "-c", "raise SystemExit(3)"]


@pytest.fixture
def listening() -> socket.socket:
    with socket.socket() as server:
        server.bind(("127.0.0.1", 0))
        server.listen()
        yield server


def test_a_busy_port_is_refused_with_a_way_out(listening: socket.socket) -> None:
    port = listening.getsockname()[1]
    with pytest.raises(Refusal, match=f"--port {port + 1}"):
        serve._refuse_busy_port("127.0.0.1", port)


@pytest.fixture
def parts(monkeypatch: pytest.MonkeyPatch, listening: socket.socket, tmp_path: Path) -> dict[str, list[str]]:
    """Stand-ins for web and worker; the port that the web would open is open already."""
    chosen: dict[str, list[str]] = {}
    ready = subprocess.CompletedProcess([], 0)
    monkeypatch.setenv("ALDIA_HOME", str(tmp_path))
    monkeypatch.setattr(serve, "_refuse_busy_port", lambda host, port: None)
    monkeypatch.setattr(serve, "_parts", lambda host, port: chosen)
    monkeypatch.setattr(serve, "screens_meanwhile", nullcontext)
    monkeypatch.setattr(serve.subprocess, "run", lambda *words, **options: ready)
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)}
    yield chosen
    for number, handler in before.items():
        signal.signal(number, handler)


def test_a_part_that_dies_starts_again_and_what_does_not_stay_alive_stops_all(
    parts: dict[str, list[str]], listening: socket.socket
) -> None:
    parts.update({"la web": SLEEPS, "el trabajador": DIES})
    told = io.StringIO()
    with redirect_stderr(told):
        assert serve.serve(host="127.0.0.1", port=listening.getsockname()[1]) == 1
    assert told.getvalue().count("Se detuvo el trabajador (código 3); arranca otra vez.") == serve.LIVES - 1
    assert "Se detuvo el trabajador (código 3); aldia se cierra." in told.getvalue()


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ctrl_c_stops_every_part_and_is_no_error(
    number: signal.Signals,
    parts: dict[str, list[str]],
    listening: socket.socket,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[subprocess.Popen[bytes]] = []
    start = serve._start
    monkeypatch.setattr(serve, "_start", lambda words, env: started.append(start(words, env)) or started[-1])
    monkeypatch.setattr(serve, "_greet", lambda address: os.kill(os.getpid(), number))
    parts.update({"la web": SLEEPS, "el trabajador": SLEEPS})
    with redirect_stderr(io.StringIO()):
        assert serve.serve(host="127.0.0.1", port=listening.getsockname()[1]) == 0
    assert len(started) == 2
    assert all(part.poll() is not None for part in started)


def test_a_failing_program_is_shown_with_its_words_and_the_repair() -> None:
    words = [sys.executable, "-c", "print('disco lleno'); raise SystemExit(1)"]
    with pytest.raises(Refusal, match=r"(?s)disco lleno.*Libera espacio"):
        console.quietly(words, repair="Libera espacio.")


def test_two_set_ups_wait_for_each_other(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup, "ROOT", tmp_path)
    order: list[str] = []
    entered = threading.Event()

    def second() -> None:
        entered.set()
        with setup._one_at_a_time():
            order.append("second")

    with setup._one_at_a_time():
        thread = threading.Thread(target=second, daemon=True)
        thread.start()
        entered.wait(LIMIT)
        thread.join(timeout=0.2)
        order.append("first")
    thread.join(LIMIT)
    assert order == ["first", "second"]


def test_a_stamp_spares_the_second_time(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(setup, "STAMPS", tmp_path / "stamps")
    assert not setup._is_stamped("libraries", "abc")
    setup._stamp("libraries", "abc")
    assert setup._is_stamped("libraries", "abc")
    assert not setup._is_stamped("libraries", "abd")


def test_the_screens_are_ready_when_what_was_done_meanwhile_ends(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    order: list[str] = []
    begun, enough = threading.Event(), threading.Event()

    def build(step: setup.Step) -> None:
        with step("pantallas"):
            begun.set()
            enough.wait(timeout=60)
            order.append("screens")

    monkeypatch.setattr(setup, "ROOT", tmp_path)
    monkeypatch.setattr(setup, "_build_assets", build)
    with setup.screens_meanwhile():
        begun.wait(timeout=60)
        order.append("demonstration")
        enough.set()
    assert order == ["demonstration", "screens"]


def test_progress_never_reaches_standard_output(capsys: pytest.CaptureFixture[str]) -> None:
    with console.step("algo"):
        pass
    out, told = capsys.readouterr()
    assert out == ""
    assert "algo" in told

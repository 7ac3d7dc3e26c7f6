"""A stand-in for Asterisk's REST interface on loopback: channels, bridges, recordings, and a WebSocket that tells what happens.

It answers with the statuses and bodies that Asterisk 22 documents, refuses what Asterisk refuses (a name that is taken, a
channel that is gone, an application that nobody hears), and lets a test play the two ends of a call.
"""

import base64
import hashlib
import json
import queue
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

USER, PASSWORD = "aldia", "clave-de-la-central"
BEGAN = datetime(2026, 3, 3, 15, tzinfo=UTC)
SOUND = b"".join((
    b"RIFF", struct.pack("<I", 36 + 800), b"WAVEfmt ", struct.pack("<IHHIIHH", 16, 1, 1, 8000, 16000, 2, 16), b"data",
    struct.pack("<I", 800), bytes(800),
))  # fmt: skip
_GUID = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
_LIMIT = 10  # seconds that anybody waits here


@dataclass
class Exchange:
    """What there is in the exchange, what it was asked, and what it tells. `mood`: taken, refused, busy or silent."""

    port: int = 0
    mood: str = "taken"
    asked: list[tuple[str, str, dict[str, str]]] = field(default_factory=list)
    channels: dict[str, dict[str, str]] = field(default_factory=dict)
    bridges: dict[str, set[str]] = field(default_factory=dict)
    recordings: dict[str, bytes] = field(default_factory=dict)
    playing: set[str] = field(default_factory=set)
    is_heard: bool = True
    seconds: int = 0
    events: "queue.Queue[bytes | None]" = field(default_factory=queue.Queue)
    told: list[str] = field(default_factory=list)  # the same, for who takes them by hand

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def config(self) -> dict[str, Any]:
        return {
            "base_url": self.url, "user": USER, "password": PASSWORD, "client_pattern": "PJSIP/{number}@troncal",
        }  # fmt: skip

    def verbs(self) -> list[str]:
        """What was asked, in order: `POST channels/…`."""
        return [f"{method} {path}" for method, path, _told in self.asked]

    # --- what happens at its ends ---------------------------------------------------------------------------------------

    def tell(self, kind: str, after: int = 0, **told: Any) -> str:
        """Say on every WebSocket that something happened, some seconds later; return it as it was said."""
        self.seconds += after
        at = BEGAN + timedelta(seconds=self.seconds)
        event = {"type": kind, "application": "aldia", "asterisk_id": "00:11", "timestamp": f"{at:%Y-%m-%dT%H:%M:%S.000+0000}", **told}  # fmt: skip
        text = json.dumps(event)
        self.told.append(text)
        self.events.put(text.encode())
        return text

    def rings(self, channel: str) -> str:
        self.channels[channel]["state"] = "Ringing"
        return self.tell("ChannelStateChange", channel=self._shown(channel))

    def picks_up(self, channel: str, after: int = 0) -> str:
        self.channels[channel]["state"] = "Up"
        args = self.channels[channel]["appArgs"].split(",")
        return self.tell("StasisStart", after, args=args, channel=self._shown(channel))

    def presses(self, channel: str, digit: str) -> str:
        return self.tell("ChannelDtmfReceived", digit=digit, duration_ms=120, channel=self._shown(channel))

    def hangs_up(self, channel: str, cause: int = 16, after: int = 0) -> str:
        shown = self._shown(channel)
        del self.channels[channel]
        return self.tell("ChannelDestroyed", after, cause=cause, cause_txt="Normal Clearing", channel=shown)

    def finishes_playing(self, playback: str) -> str:
        """As Asterisk: without an instant."""
        self.playing.discard(playback)
        return json.dumps(
            {
                "type": "PlaybackFinished",
                "playback": {"id": playback, "state": "done"},
                "application": "aldia",
            }
        )

    def finishes_recording(self, name: str) -> str:
        self.recordings[name] = SOUND
        return self.tell(
            "RecordingFinished", recording={"name": name, "format": "wav", "state": "done", "duration": 5}
        )

    def _shown(self, channel: str) -> dict[str, str]:
        return {"id": channel, "name": f"PJSIP/{channel}", "state": self.channels[channel]["state"]}

    # --- what it answers ------------------------------------------------------------------------------------------------

    def answer(self, method: str, path: str, told: dict[str, str]) -> tuple[int, Any]:
        """The status and body that Asterisk gives."""
        if self.mood == "refused":
            return 400, {"message": "Endpoint specified does not exist"}
        if self.mood == "busy":
            return 503, {"message": "Service unavailable"}
        first, *rest = path.split("/")
        return getattr(self, f"_{first}")(method, rest, told)

    def _asterisk(self, _method: str, _rest: list[str], _told: dict[str, str]) -> tuple[int, Any]:
        return 200, {"system": {"version": "22.1.0", "entity_id": "00:11"}}

    def _applications(self, _method: str, rest: list[str], _told: dict[str, str]) -> tuple[int, Any]:
        return (
            (200, {"name": rest[0]}) if self.is_heard else (404, {"message": "Application does not exist."})
        )

    def _channels(self, method: str, rest: list[str], told: dict[str, str]) -> tuple[int, Any]:
        name = rest[0]
        if method == "POST" and len(rest) == 1:
            if name in self.channels:
                return 409, {"message": "Channel with given unique ID already exists."}
            self.channels[name] = {"state": "Down", "appArgs": told["appArgs"], "endpoint": told["endpoint"]}
            return 200, self._shown(name)
        if name not in self.channels:
            return 404, {"message": "Channel not found"}
        if method == "DELETE":
            self.hangs_up(name)
            return 204, None
        if "play" in rest:
            self.playing.add(rest[-1])
            return 201, {"id": rest[-1], "media_uri": told["media"], "state": "queued"}
        return 200, self._shown(name)

    def _playbacks(self, _method: str, rest: list[str], _told: dict[str, str]) -> tuple[int, Any]:
        if rest[0] not in self.playing:
            return 404, {"message": "Playback not found"}
        self.playing.discard(rest[0])
        return 204, None

    def _bridges(self, method: str, rest: list[str], told: dict[str, str]) -> tuple[int, Any]:
        name = rest[0]
        if method == "POST" and len(rest) == 1:
            self.bridges.setdefault(name, set())
            return 200, {"id": name, "bridge_type": "mixing"}
        if name not in self.bridges:
            return 404, {"message": "Bridge not found"}
        if method == "DELETE":
            del self.bridges[name]
            return 204, None
        if rest[1] == "addChannel":
            missing = [end for end in told["channel"].split(",") if end not in self.channels]
            if missing:
                return 400, {"message": "Channel not found"}
            self.bridges[name] |= set(told["channel"].split(","))
            return 204, None
        if rest[1] == "record":
            return 201, {"name": told["name"], "format": told["format"], "state": "recording"}
        return 201, {"id": rest[-1], "media_uri": told["media"], "state": "playing"}

    def _recordings(self, method: str, rest: list[str], _told: dict[str, str]) -> tuple[int, Any]:
        name = rest[1]
        if name not in self.recordings:
            return 404, {"message": "Recording not found"}
        if method == "DELETE":
            del self.recordings[name]
            return 204, None
        return 200, self.recordings[name]


def _handler(exchange: Exchange) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        timeout = _LIMIT

        def do_GET(self) -> None:
            login = base64.b64encode(f"{USER}:{PASSWORD}".encode()).decode()
            if self.headers.get("Authorization") != f"Basic {login}":
                self._say(401, {"message": "Authentication required"})
                return
            if self.headers.get("Upgrade") == "websocket":
                self._tell_all()
                return
            self.rfile.read(int(self.headers.get("Content-Length") or 0))
            parts = urlsplit(self.path)
            path, told = unquote(parts.path).removeprefix("/ari/"), dict(parse_qsl(parts.query))
            exchange.asked.append((self.command, path, told))
            if exchange.mood == "silent":
                self.close_connection = True
                self.connection.close()
                return
            self._say(*exchange.answer(self.command, path, told))

        do_POST = do_DELETE = do_GET

        def _say(self, status: int, body: Any) -> None:
            content = body if isinstance(body, bytes) else b"" if body is None else json.dumps(body).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def _tell_all(self) -> None:
            accepted = hashlib.sha1(f"{self.headers['Sec-WebSocket-Key']}{_GUID}".encode()).digest()
            self.send_response(101, "Switching Protocols")
            self.send_header("Upgrade", "websocket")
            self.send_header("Connection", "Upgrade")
            self.send_header("Sec-WebSocket-Accept", base64.b64encode(accepted).decode())
            self.end_headers()
            while (event := exchange.events.get(timeout=_LIMIT)) is not None:
                size = len(event)
                head = bytes([0x81, size]) if size < 126 else bytes([0x81, 126]) + struct.pack(">H", size)
                self.wfile.write(head + event)
            self.wfile.write(b"\x88\x0a" + struct.pack(">H", 1001) + b"good-bye")
            self.close_connection = True

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    return Handler


@contextmanager
def exchange() -> Iterator[Exchange]:
    """An exchange that listens on loopback until the end."""
    made = Exchange()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    server.daemon_threads = True
    server.block_on_close = False
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield made
    finally:
        made.events.put(None)
        server.shutdown()
        server.server_close()
        thread.join(_LIMIT)

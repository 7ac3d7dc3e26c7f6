"""Stand-in servers on loopback that answer as the real gateways do: taken, refused, busy, or silent after taking."""

import hashlib
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from tests.waiting import LIMIT


@dataclass
class Gateway:
    """What came to the server, and how it behaves: `taken`, `refused`, `busy`, `silent`."""

    kind: str
    mood: str = "taken"
    port: int = 0
    calls: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, dict[str, Any]] = field(
        default_factory=dict
    )  # media id -> told about it; `content` are its bytes

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def keep(self, media: str, content: bytes, **changes: Any) -> None:
        """Have a file that a person sent, told of as the Cloud API does; `changes` are its lies."""
        told = {
            "messaging_product": "whatsapp", "id": media, "file_size": len(content),
            "sha256": hashlib.sha256(content).hexdigest(), "url": f"{self.url}/bytes/{media}", **changes,
        }  # fmt: skip
        self.files[media] = {"told": told, "content": content}

    def file(self, path: str) -> tuple[int, bytes]:
        """What is told of a file (`/123`), or its bytes (`/bytes/123`)."""
        found = self.files.get(path.rpartition("/")[2])
        if found is None:
            return 404, b'{"error": {"code": 100}}'
        return 200, found["content"] if path.startswith("/bytes/") else json.dumps(found["told"]).encode()

    def answer(self) -> tuple[int, str]:
        """The status and body that the real one gives in this mood."""
        number = len(self.calls)
        told: dict[str, tuple[int, Any]] = {
            "twilio": (201, {"sid": f"SM{number}", "status": "queued"}),
            "kannel": (202, "0: Accepted for delivery"),
            "whatsapp": (
                200,
                {"messages": [{"id": f"wamid.{number}"}], "status": "PENDING", "id": f"media.{number}"},
            ),
        }
        refusals: dict[str, tuple[int, Any]] = {
            "twilio": (400, {"code": 21211, "message": "The 'To' number is not valid"}),
            "kannel": (403, "Authorization failed for sendsms"),
            "whatsapp": (400, {"error": {"code": 131026, "message": "Message undeliverable"}}),
        }
        status, body = {"taken": told, "refused": refusals}[self.mood][self.kind]
        return status, body if isinstance(body, str) else json.dumps(body)


def _handler(gateway: Gateway) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
            gateway.calls.append(_read(self.path, body, dict(self.headers)))
            if gateway.mood == "silent":
                self.connection.close()
                return
            status, text = (503, "try later") if gateway.mood == "busy" else gateway.answer()
            self.send_response(status)
            self.send_header("Content-Length", str(len(text.encode())))
            self.end_headers()
            self.wfile.write(text.encode())

        def do_GET(self) -> None:
            if gateway.kind != "whatsapp" or gateway.mood != "taken":
                self.do_POST()
                return
            gateway.calls.append(_read(self.path, b"", dict(self.headers)))
            status, body = gateway.file(urlsplit(self.path).path)
            self.send_response(status)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_words: Any) -> None:
            """Say nothing."""

    return Handler


def _read(path: str, body: bytes, headers: dict[str, str]) -> dict[str, Any]:
    told = dict(parse_qsl(urlsplit(path).query))
    if body[:1] == b"{":
        told |= json.loads(body)
    elif "multipart" in headers.get("Content-Type", ""):
        told["body"] = body
    else:
        told |= dict(parse_qsl(body.decode()))
    return {"path": urlsplit(path).path, "told": told, "headers": headers}


@contextmanager
def gateway(kind: str) -> Iterator[Gateway]:
    """A server of that kind, listening on loopback until the end."""
    made = Gateway(kind)
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(made))
    made.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield made
    server.shutdown()
    server.server_close()
    thread.join(LIMIT)

"""Calling a provider over HTTP, so that it is certain what happened: nothing left, it was taken, or nobody knows."""

from __future__ import annotations

import ssl
from functools import lru_cache
from typing import Any, Final

import httpx

from aldia.contact.providers.protocol import ProviderError

PATIENCE: Final = httpx.Timeout(20.0, connect=5.0)
_NOT_SENT: Final = (
    httpx.ConnectError,
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.InvalidURL,
)
_LATER: Final = frozenset({408, 425, 429, 503})


@lru_cache(maxsize=1)
def _authorities() -> ssl.SSLContext:
    """Who is trusted; read from the disk once, since a telephone call opens many short connections."""
    return ssl.create_default_context()


def client(**options: Any) -> httpx.Client:
    """Return a client that checks certificates, follows nobody elsewhere and has patience with limits."""
    return httpx.Client(timeout=PATIENCE, follow_redirects=False, verify=_authorities(), **options)


def called(http: httpx.Client, method: str, url: str, **told: Any) -> httpx.Response:
    """Return an answer of the 200s. Raises ProviderError: certain before anything was sent and on a refusal, else not."""
    try:
        answer = http.request(method, url, **told)
    except _NOT_SENT as error:
        raise ProviderError(_words(error), is_certain=True, is_permanent=False) from error
    except httpx.HTTPError as error:
        raise ProviderError(_words(error), is_certain=False, is_permanent=False) from error
    if answer.is_success:
        return answer
    detail = f"HTTP {answer.status_code}: {answer.text}"[:300]
    if answer.status_code in _LATER:
        raise ProviderError(detail, is_certain=True, is_permanent=False)
    raise ProviderError(detail, is_certain=answer.status_code < 500, is_permanent=answer.status_code < 500)


def downloaded(http: httpx.Client, url: str, *, most: int) -> bytes | None:
    """Return the bytes behind an address; None when they are more than `most`: what is too much is not read. Raises ProviderError."""
    content = bytearray()
    try:
        with http.stream("GET", url) as answer:
            if not answer.is_success:
                raise ProviderError(f"HTTP {answer.status_code}", is_certain=True, is_permanent=False)
            for piece in answer.iter_bytes():
                content += piece
                if len(content) > most:
                    return None
    except httpx.HTTPError as error:
        raise ProviderError(_words(error), is_certain=True, is_permanent=False) from error
    return bytes(content)


def _words(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"[:300]

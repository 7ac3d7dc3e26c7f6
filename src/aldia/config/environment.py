"""Typed readers of environment variables, with errors that name the variable and the repair."""

import os
import secrets
from pathlib import Path
from urllib.parse import parse_qsl, unquote, urlsplit

from django.core.exceptions import ImproperlyConfigured


def text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file that NAME_FILE points to (for secrets)."""
    path = os.environ.get(f"{name}_FILE")
    if path:
        return Path(path).read_text(encoding="utf-8").strip()
    return os.environ.get(name, default)


def flag(name: str, default: bool) -> bool:
    """Return a yes/no variable; anything but 0/1, no/yes, false/true is an error."""
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "yes", "true", "on"}:
        return True
    if value in {"0", "no", "false", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} is {value!r}; expected yes or no.")


def integer(name: str, default: int) -> int:
    """Return a whole number; anything else is an error that names the variable."""
    value = text(name)
    try:
        return int(value) if value else default
    except ValueError as error:
        raise ImproperlyConfigured(f"{name} is {value!r}; expected a whole number.") from error


def words(name: str, default: list[str]) -> list[str]:
    """Return a comma separated list."""
    value = text(name)
    return [word.strip() for word in value.split(",") if word.strip()] if value else default


def kept_secret(home: Path, name: str) -> str:
    """Return a secret from the environment, or one made once and kept in the data folder."""
    given = text(name)
    if given:
        return given
    path = home / name.lower()
    if not path.exists():
        home.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)
        path.write_text(secrets.token_urlsafe(50), encoding="ascii")
    return path.read_text(encoding="ascii").strip()


def database(url: str, home: Path) -> dict[str, object]:
    """Return Django's database settings for postgresql://… or sqlite:///path; empty means SQLite in `home`."""
    parts = urlsplit(url or f"sqlite:///{home / 'db.sqlite3'}")
    if parts.scheme in {"postgres", "postgresql"}:
        options = dict(parse_qsl(parts.query))
        return {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": options.pop("host", parts.hostname or ""),
            "PORT": str(parts.port or ""),
            "CONN_MAX_AGE": 60,
            "CONN_HEALTH_CHECKS": True,
            "OPTIONS": options,
        }
    if parts.scheme == "sqlite":
        return {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": parts.path,
            "CONN_MAX_AGE": 60,  # a new connection reads the whole schema again, and begins without its pages
            "OPTIONS": {
                # IMMEDIATE takes the write lock at the start, so two writers wait instead of failing half-way.
                "transaction_mode": "IMMEDIATE",
                "timeout": 20,
                "init_command": (
                    "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA temp_store=MEMORY;PRAGMA cache_size=-65536;"
                ),
            },
        }
    raise ImproperlyConfigured(
        f"ALDIA_DATABASE_URL starts with {parts.scheme!r}; expected postgresql://user:password@host/name or sqlite:///path."
    )

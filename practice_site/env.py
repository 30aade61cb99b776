"""Read settings from the environment and key files, and refuse to start if they are unsafe.

Every value may be given directly (``SECRET_KEY``) or in a file (``SECRET_KEY_FILE``), which is how
containers pass secrets.
"""

import base64
import os
import secrets
import sys
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path
from typing import Any, NoReturn
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured
from django.http.request import validate_host

EX_CONFIG = 78  # sysexits.h: configuration error
MODES = ("development", "demo", "production")
MIN_SECRET_LENGTH = 50
SUPPORTED_DATABASE_ENGINES = ("django.db.backends.sqlite3", "django.db.backends.postgresql")
FIELD_KEY_BYTES = 32
ServiceConfig = dict[str, Any]  # as django-environ returns it, for DATABASES or EMAIL_*


def refuse_to_start(reason: str) -> NoReturn:
    """Print in one line why the site cannot run safely, and exit with code 78."""
    print(f"practice site: not started: {reason}", file=sys.stderr)
    raise SystemExit(EX_CONFIG)


def read_text(name: str, default: str = "") -> str:
    """Return the variable, or the content of the file named by ``<name>_FILE``."""
    value = os.environ.get(name, "").strip()
    if value:
        return value
    path = os.environ.get(f"{name}_FILE", "").strip()
    if not path:
        return default
    try:
        # utf-8-sig: an editor may have written a byte order mark.
        return Path(path).read_text(encoding="utf-8-sig").strip()
    except (OSError, UnicodeDecodeError):
        refuse_to_start(f"{name}_FILE names a file that cannot be read")


def read_list(name: str, default: str = "") -> list[str]:
    """Read a comma-separated list; empty entries are dropped."""
    return [part.strip() for part in read_text(name, default).split(",") if part.strip()]


def read_number(name: str, default: float, *, at_least: float = 0) -> float:
    """Read a number from ``at_least`` to a billion."""
    raw = read_text(name)
    if not raw:
        return default
    try:
        value = float(raw)
    except ValueError:
        refuse_to_start(f"{name} is not a number")
    if not at_least <= value < 1e9:  # also false for nan
        refuse_to_start(f"{name} is out of range")
    return value


def read_days(name: str, usual: int, *, most: int) -> int:
    """Read whole days from 1 to ``most``; more only with RETENTION_ABOVE_MAXIMUM=1."""
    value = read_number(name, usual, at_least=1)
    if value != int(value):
        refuse_to_start(f"{name} must be whole days")
    if value > most and read_text("RETENTION_ABOVE_MAXIMUM") != "1":
        refuse_to_start(
            f"{name} is more than {most} days; if a law asks for it, set RETENTION_ABOVE_MAXIMUM=1"
        )
    return int(value)


def read_networks(name: str) -> list[str]:
    """Read IP addresses or networks in CIDR notation."""
    values = read_list(name)
    for value in values:
        try:
            network = ip_network(value, strict=False)
        except ValueError:
            refuse_to_start(f"{name} holds something that is no address or network")
        if network.prefixlen == 0:
            refuse_to_start(f"{name} would trust everybody")
    return values


def site_mode() -> str:
    """Read SITE_MODE, one of MODES."""
    mode = read_text("SITE_MODE", "development")
    if mode not in MODES:
        refuse_to_start(f"SITE_MODE is none of {', '.join(MODES)}")
    return mode


def site_url(mode: str, port: str) -> str:
    """Read SITE_URL, the public base URL used in every link of emails and feeds."""
    url = read_text("SITE_URL", "" if mode == "production" else f"http://127.0.0.1:{port}").rstrip(
        "/"
    )
    try:
        parts = urlsplit(url)
        _ = parts.port
    except ValueError:
        refuse_to_start("SITE_URL must look like https://www.example.com")
    if parts.scheme not in ("http", "https") or not parts.hostname or parts.path or parts.query:
        refuse_to_start("SITE_URL must look like https://www.example.com")
    if mode == "production" and parts.scheme != "https":
        refuse_to_start("SITE_URL must begin with https:// in production")
    return url


def secret_key(mode: str, keys_dir: Path) -> str:
    """Read SECRET_KEY; outside production one is created once in the keys directory."""
    key = read_text("SECRET_KEY")
    if mode == "production":
        if not key:
            refuse_to_start("SECRET_KEY is missing")
        if len(key) < MIN_SECRET_LENGTH or len(set(key)) < 5 or key.startswith("django-insecure-"):
            refuse_to_start(f"SECRET_KEY is too weak: use {MIN_SECRET_LENGTH} random characters")
        return key
    return key or load_or_create_secret(keys_dir / "secret_key", secrets.token_urlsafe(48))


def field_keys(mode: str, keys_dir: Path, database: Path | None = None) -> list[tuple[int, bytes]]:
    """Read the encryption keys of visitors' messages, newest first: ``2:base64,1:base64``.

    They are separate from SECRET_KEY, so that changing that key loses no message.
    """
    raw = read_text("FIELD_KEYS")
    if not raw:
        if mode == "production":
            refuse_to_start(
                "FIELD_KEYS is missing (make one: SITE_MODE=development manage.py keys new)"
            )
        file = keys_dir / "field_keys"
        if database is not None and not file.exists() and is_database_in_use(database):
            # With a new key, everything already stored could no longer be decrypted.
            refuse_to_start("FIELD_KEYS are gone, but a database is there: put its keys back")
        raw = load_or_create_secret(file, f"1:{generate_field_key()}")
    return parse_field_keys(raw)


def is_database_in_use(database: Path) -> bool:
    try:
        return database.stat().st_size > 0
    except OSError:
        return False


def parse_field_keys(raw: str) -> list[tuple[int, bytes]]:
    """Parse ``id:base64`` pairs, separated by commas or newlines."""
    keys: list[tuple[int, bytes]] = []
    for part in raw.replace("\n", ",").split(","):
        if not part.strip():
            continue
        number, _, encoded = part.strip().partition(":")
        try:
            key_id, key = int(number), base64.b64decode(encoded.strip(), validate=True)
        except ValueError:
            refuse_to_start("FIELD_KEYS must look like 1:base64 (manage.py keys new makes one)")
        if not 1 <= key_id <= 255 or len(key) != FIELD_KEY_BYTES:
            refuse_to_start("FIELD_KEYS needs ids from 1 to 255 and keys of 32 bytes")
        keys.append((key_id, key))
    if not keys or len({key_id for key_id, _ in keys}) != len(keys):
        refuse_to_start("FIELD_KEYS is empty or names one id twice")
    if len({key for _, key in keys}) != len(keys):
        # Rotating from a key to itself would change nothing, but look as if it had.
        refuse_to_start("FIELD_KEYS names one key under two ids")
    return keys


def generate_field_key() -> str:
    return base64.b64encode(secrets.token_bytes(FIELD_KEY_BYTES)).decode("ascii")


def load_or_create_secret(path: Path, fresh: str) -> str:
    """Return the secret in ``path``; if missing, write ``fresh`` there, readable by its owner."""
    try:
        secret = _load_or_create_secret(path, fresh)
    except (OSError, UnicodeDecodeError):
        refuse_to_start(f"the file {path.name} in the keys directory cannot be read or written")
    if not secret:
        refuse_to_start(f"the file {path.name} in the keys directory is empty")
    return secret


def _load_or_create_secret(path: Path, fresh: str) -> str:
    if path.exists():
        return path.read_text(encoding="ascii").strip()
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(fresh + "\n")
        os.fsync(file.fileno())
    try:
        # A hard link appears complete or not at all: if two processes start at once, one creates
        # the secret and both read the same one.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    return path.read_text(encoding="ascii").strip()


def parse_service_url(name: str, raw: str, read: Callable[[str], ServiceConfig]) -> ServiceConfig:
    """Parse a database or email URL with ``read``; refuse to start if it cannot be parsed."""
    try:
        config = read(raw)
        if name == "DATABASE_URL" and config.get("ENGINE") not in SUPPORTED_DATABASE_ENGINES:
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, ImproperlyConfigured):
        refuse_to_start(f"{name} cannot be read; docs/operations.md shows its form")
    return config


def require_encrypted_email(mail: ServiceConfig) -> None:
    """Refuse to send emails with secret links without TLS, unless EMAIL_IN_CLEAR=1 is set."""
    is_smtp = str(mail.get("EMAIL_BACKEND", "")).endswith("smtp.EmailBackend")
    by_tls = mail.get("EMAIL_USE_TLS") or mail.get("EMAIL_USE_SSL")
    is_local = (mail.get("EMAIL_HOST") or "localhost") in ("localhost", "127.0.0.1", "::1")
    if is_smtp and not (by_tls or is_local or read_text("EMAIL_IN_CLEAR") == "1"):
        refuse_to_start(
            "EMAIL_URL sends mails in clear: use smtp+tls:// or smtp+ssl://, "
            "or set EMAIL_IN_CLEAR=1 for a mail server in a network of your own"
        )


def log_level(default: str = "INFO") -> str:
    level = read_text("LOG_LEVEL", default).upper()
    if level not in ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL"):
        refuse_to_start("LOG_LEVEL is none of DEBUG, INFO, WARNING, ERROR, CRITICAL")
    return level


def data_dir(default: Path) -> Path:
    """Return the one directory the site writes to; created if missing."""
    path = Path(read_text("DATA_DIR", str(default))).resolve()
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError:
        refuse_to_start("DATA_DIR cannot be made or is no directory")
    if not os.access(path, os.W_OK | os.X_OK):
        refuse_to_start("DATA_DIR cannot be written to")
    return path


def admin_path() -> str:
    """Read ADMIN_PATH, the URL prefix of the admin with a slash at its end."""
    path = read_text("ADMIN_PATH", "admin").strip("/")
    if not path:
        refuse_to_start("ADMIN_PATH may not be empty")
    return f"{path}/"


def allowed_hosts(mode: str, url: str) -> list[str]:
    """Read ALLOWED_HOSTS; in production it is required and must include the host of SITE_URL."""
    hosts = read_list("ALLOWED_HOSTS")
    if mode != "production":
        return hosts or ["127.0.0.1", "localhost", "[::1]", urlsplit(url).hostname or ""]
    if not hosts:
        refuse_to_start("ALLOWED_HOSTS is missing")
    if any(host.strip(".") in ("", "*") for host in hosts):
        refuse_to_start("ALLOWED_HOSTS may not be *: name the hosts")
    if not validate_host(urlsplit(url).hostname or "", hosts):
        refuse_to_start("ALLOWED_HOSTS does not name the host of SITE_URL")
    return hosts


def is_debug_enabled(mode: str) -> bool:
    """Return whether DEBUG is on: in development only. Production with DEBUG=1 is refused."""
    wanted = read_text("DEBUG").lower() in ("1", "true", "yes", "on")
    if wanted and mode == "production":
        refuse_to_start("DEBUG is on")
    return mode == "development"

"""How gunicorn serves this site; the same for the demo, one machine and the container."""

import os
import resource
import subprocess
import sys
from typing import Any


def available_cores() -> int:
    """The cores this process may use: in a container often fewer than the machine has."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# Loopback unless told otherwise: a site without the proxy in front speaks plain http.
_address = (os.environ.get("BIND") or "127.0.0.1").strip("[]")
bind = f"{f'[{_address}]' if ':' in _address else _address}:{os.environ.get('PORT') or '8000'}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or available_cores())
threads = 4
# Each worker opens its own database connections; a preloaded application would share one.
preload_app = False

keepalive = 5  # seconds
timeout = 60  # seconds; must outlast the 10 s that SQLite may wait for a lock
graceful_timeout = 30  # seconds in which a request under way may finish after SIGTERM or SIGHUP
# A worker is renewed now and then, so that a slow leak in any library stays small; the jitter
# keeps them from doing so together.
max_requests = 20_000
max_requests_jitter = 2_000

limit_request_line = 4094  # bytes
limit_request_fields = 64
limit_request_field_size = 8190  # bytes

# gunicorn would believe X-Forwarded-Proto from the loopback address, whoever sends it there. Whom
# to believe is said in one place: TRUSTED_PROXIES, read by practice_site.middleware.
forwarded_allow_ips = ""

# The heartbeat file on a disk that stalls would make a healthy worker look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

umask = 0o077  # what the site writes is nobody else's on this machine

# A socket in the home directory through which the server could be steered: not wanted.
control_socket_disable = True

# An access log holds addresses and secret links. Requests are logged by the site, as patterns.
accesslog = None
errorlog = "-"
loglevel = "warning"
# Its own lines would hold addresses and whole paths, secret links among them.
logconfig_dict = {
    "formatters": {"json": {"()": "practice_site.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False}},
}


def on_starting(server: Any) -> None:
    """Refuse an unsafe configuration once: workers would be started again and again to refuse it.

    Asked in a process of its own, since what is imported here no reload would read anew.
    """
    look = subprocess.run([sys.executable, "-c", "import practice_site.settings"])
    if look.returncode:
        raise SystemExit(look.returncode)


# A core dump would hold keys and what visitors wrote.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

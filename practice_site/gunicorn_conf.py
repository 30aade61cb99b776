"""Gunicorn configuration, the same for the demo, a single server and the container."""

import os
import resource
import subprocess
import sys


def available_cores() -> int:
    """Return the cores this process may use; a container may have fewer than the machine."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


# Loopback by default: without the proxy in front the site serves plain HTTP.
_address = (os.environ.get("BIND") or "127.0.0.1").strip("[]")
bind = f"{f'[{_address}]' if ':' in _address else _address}:{os.environ.get('PORT') or '8000'}"

worker_class = "gthread"
workers = int(os.environ.get("WEB_CONCURRENCY") or available_cores())
threads = 4
# Each worker opens its own database connections; a preloaded application would share one.
preload_app = False

keepalive = 5  # seconds
timeout = 60  # seconds; must outlast the 10 s that SQLite may wait for a lock
graceful_timeout = 30  # seconds for running requests to finish after SIGTERM or SIGHUP
# Restart workers now and then, so that a slow leak in a library stays small. The jitter keeps
# them from restarting together.
max_requests = 20_000
max_requests_jitter = 2_000

limit_request_line = 4094  # bytes
limit_request_fields = 64
limit_request_field_size = 8190  # bytes

# By default gunicorn trusts X-Forwarded-Proto from the loopback address. Trust is configured in one
# place only: TRUSTED_PROXIES, read by practice_site.middleware.
forwarded_allow_ips = ""

# With the heartbeat file on a slow disk, a healthy worker would look dead.
worker_tmp_dir = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None  # noqa: S108

umask = 0o077  # files of the site are not readable by other users

# Gunicorn's control socket in the home directory could be used to control the server.
control_socket_disable = True

# An access log contains IP addresses and secret links. The site logs requests by URL pattern.
accesslog = None
errorlog = "-"
loglevel = "warning"
# Gunicorn's own lines would contain IP addresses and whole paths, including secret links.
logconfig_dict = {
    "formatters": {"json": {"()": "practice_site.logs.JsonFormatter"}},
    "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "json"}},
    "root": {"level": "WARNING", "handlers": ["stderr"]},
    "loggers": {"gunicorn.error": {"level": "WARNING", "handlers": ["stderr"], "propagate": False}},
}


def on_starting(server: object) -> None:
    """Refuse an unsafe configuration here; otherwise workers would restart and fail forever.

    Settings are imported in a child process: a module imported here would survive a reload.
    """
    check = subprocess.run([sys.executable, "-c", "import practice_site.settings"])
    if check.returncode:
        raise SystemExit(check.returncode)


# A core dump would contain keys and visitors' messages.
resource.setrlimit(resource.RLIMIT_CORE, (0, 0))

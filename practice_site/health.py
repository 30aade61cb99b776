"""Is the site alive, and is it ready? Strangers learn one word, the log learns the reason."""

import logging
import shutil
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.http import HttpRequest, JsonResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from consultations.backups import storage
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import canary

MIN_FREE_DISK_SHARE = 0.05
MAX_UNSENT_EMAIL_AGE = timedelta(hours=1)
CACHE_SECONDS = 5

logger = logging.getLogger(__name__)


@require_safe
def alive(request: HttpRequest) -> JsonResponse:
    """This process answers. No database: a slow one must not get a healthy process killed."""
    return _status_response("ok", 200)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Everything a visitor's message needs is there. For monitors that wake a person."""
    return (
        _status_response("ready", 200)
        if cached_readiness.is_ready()
        else _status_response("not ready", 503)
    )


def _status_response(word: str, status: int) -> JsonResponse:
    return JsonResponse({"status": word}, status=status, headers={"Cache-Control": "no-store"})


def failed_checks() -> list[str]:
    """The names of the checks that are not passed; one that raises counts as not passed."""
    found = []
    for name, check in CHECKS.items():
        try:
            is_good = check()
        except Exception as error:
            # Its words may quote a row or an address of the database.
            logger.warning("readiness check %s raised %s", name, type(error).__name__)
            is_good = False
        if not is_good:
            found.append(name)
    return found


def is_database_writable() -> bool:
    """A real write, taken back: a database that only reads cannot keep what somebody sends."""
    with transaction.atomic():
        MigrationRecorder(connection).Migration.objects.create(app="readiness", name="probe")
        transaction.set_rollback(True)
    return True


def has_all_migrations() -> bool:
    executor = MigrationExecutor(connection)
    return not executor.migration_plan(executor.loader.graph.leaf_nodes())


def has_free_disk() -> bool:
    usage = shutil.disk_usage(settings.DATA_DIR)
    return usage.free > usage.total * MIN_FREE_DISK_SHARE


def is_email_being_sent() -> bool:
    """Dead mails do not count: one mistyped address would make the whole site look ill."""
    states = OutgoingEmail.State
    return not OutgoingEmail.objects.filter(
        state__in=[states.WAITING, states.SENDING],
        created_at__lt=timezone.now() - MAX_UNSENT_EMAIL_AGE,
    ).exists()


def is_backup_fresh() -> bool:
    """Once a public key is set, a good one of the last 26 hours; see docs/operations.md."""
    return storage.is_backup_fresh(timezone.now())


CHECKS: dict[str, Callable[[], bool]] = {
    "database": is_database_writable,
    "migrations": has_all_migrations,
    "keys": canary.verify_keys,
    "disk": has_free_disk,
    "mail": is_email_being_sent,
    "backup": is_backup_fresh,
}


@dataclass
class CachedReadiness:
    """One look serves all askers for some seconds, so that asking often costs the site nothing."""

    looked_at: float | None = None
    was_good: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_ready(self) -> bool:
        with self.lock:
            now = time.monotonic()
            if self.looked_at is None or now - self.looked_at >= CACHE_SECONDS:
                found = failed_checks()
                if found:
                    logger.warning("not ready: %s", ", ".join(found))
                self.was_good, self.looked_at = not found, now
            return self.was_good

    def forget(self) -> None:
        self.looked_at = None


cached_readiness = CachedReadiness()

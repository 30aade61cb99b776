"""Liveness and readiness checks. The response is one word; the log has the reason."""

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
    """Report that this process responds.

    Uses no database: a slow one must not get a healthy process killed.
    """
    return _status_response("ok", 200)


@require_safe
def ready(request: HttpRequest) -> JsonResponse:
    """Report whether the site can take a visitor's message. For monitoring."""
    return (
        _status_response("ready", 200)
        if cached_readiness.is_ready()
        else _status_response("not ready", 503)
    )


def _status_response(word: str, status: int) -> JsonResponse:
    return JsonResponse({"status": word}, status=status, headers={"Cache-Control": "no-store"})


def failed_checks() -> list[str]:
    """Return the names of the failed checks; a check that raises has failed."""
    failed = []
    for name, check in CHECKS.items():
        try:
            has_passed = check()
        except Exception as error:
            # Only the type: the message may quote a row or the database's address.
            logger.warning("readiness check %s raised %s", name, type(error).__name__)
            has_passed = False
        if not has_passed:
            failed.append(name)
    return failed


def is_database_writable() -> bool:
    """Write a row and roll it back: a read-only database cannot store a message."""
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
    """Ignore dead emails: one mistyped address must not make the site look broken."""
    states = OutgoingEmail.State
    return not OutgoingEmail.objects.filter(
        state__in=[states.WAITING, states.SENDING],
        created_at__lt=timezone.now() - MAX_UNSENT_EMAIL_AGE,
    ).exists()


def is_backup_fresh() -> bool:
    """Require a good backup from the last 26 hours once a public key is set (operations.md)."""
    return not storage.is_backup_overdue(timezone.now())


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
    """Caches the result for CACHE_SECONDS, so that frequent requests cost nothing."""

    checked_at: float | None = None
    was_ready: bool = False
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_ready(self) -> bool:
        with self.lock:
            now = time.monotonic()
            if self.checked_at is None or now - self.checked_at >= CACHE_SECONDS:
                failed = failed_checks()
                if failed:
                    logger.warning("not ready: %s", ", ".join(failed))
                self.was_ready, self.checked_at = not failed, now
            return self.was_ready

    def forget(self) -> None:
        self.checked_at = None


cached_readiness = CachedReadiness()

"""Deliver email and run maintenance tasks, in a loop or ``--once`` for cron."""

import logging
import signal
import threading
from argparse import ArgumentParser
from collections.abc import Callable
from datetime import datetime, timedelta
from types import FrameType

from django.core.management.base import BaseCommand
from django.db import close_old_connections
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations import tasks
from consultations.management.key_check import require_matching_keys
from consultations.transfer import uploads

log = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0
HOURLY_INTERVAL = timedelta(hours=1)
DAILY_INTERVAL = timedelta(days=1)


class Command(BaseCommand):
    help = "Delivers mail from the outbox and deletes what is past its time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--once", action="store_true", help=_("one round, then stop"))

    def handle(self, *args: object, once: bool, **options: object) -> None:
        require_matching_keys()
        if once:
            for task in (*tasks.EVERY_ROUND_TASKS, *tasks.HOURLY_TASKS, *tasks.DAILY_TASKS):
                task(timezone.now())
            uploads.wait_for_import()
            return
        self.stopping = threading.Event()
        for number in (signal.SIGTERM, signal.SIGINT):
            signal.signal(number, self.stop)
        log.info("worker started")
        tidied_at: datetime | None = None
        checked_at: datetime | None = None
        while not self.stopping.is_set():
            now = timezone.now()
            due = list(tasks.EVERY_ROUND_TASKS)
            if tidied_at is None or now - tidied_at >= HOURLY_INTERVAL:
                due += tasks.HOURLY_TASKS
                tidied_at = now
            if checked_at is None or now - checked_at >= DAILY_INTERVAL:
                due += tasks.DAILY_TASKS
                checked_at = now
            for task in due:
                self.run_safely(task)
            self.stopping.wait(PAUSE_SECONDS)

    def run_safely(self, task: Callable[[datetime], object]) -> None:
        """Run a task; its failure stops neither the other tasks nor the worker."""
        close_old_connections()
        try:
            task(timezone.now())
        except Exception:
            log.exception("task failed: %s", task.__name__)

    def stop(self, number: int, frame: FrameType | None) -> None:
        # The email being sent is finished and recorded first.
        self.stopping.set()

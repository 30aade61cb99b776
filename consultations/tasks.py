"""What the worker runs: deliver mail all the time, tidy up by the hour, check by the day."""

import logging
from collections.abc import Callable
from datetime import datetime

from consultations.accounts import browsers, sessions
from consultations.accounts import workflow as access
from consultations.backups import create, storage
from consultations.booking import bookings, checks, reminders
from consultations.booking import workflow as booking
from consultations.booking.calendars import sync
from consultations.comments import emails as comment_emails
from consultations.comments import screening, transitions
from consultations.data_rights import sqlite_maintenance, tombstones, workflow
from consultations.outbox import delivery
from consultations.transfer import uploads
from pages.articles.models import Article
from pages.media import maintenance as pictures
from pages.seo import share_images

log = logging.getLogger(__name__)


def deliver_email(now: datetime) -> None:
    if outcome := delivery.deliver_due(now):
        log.info("mail: %s", ", ".join(f"{state} {n}" for state, n in sorted(outcome.items())))


def expire_holds_and_send_reminders(now: datetime) -> None:
    """Holds that ran out, and reminders that are due: states are swept, nothing is scheduled."""
    if expired := bookings.expire_holds(now=now):
        log.info("holds expired: %d", expired)
    if reminded := reminders.send_due_reminders(now=now):
        log.info("reminders: %d", reminded)


def notify_staff_of_comments(now: datetime) -> None:
    if comment_emails.send_due_notice(now=now):
        log.info("notice of waiting comments written")


def sync_next_calendar(now: datetime) -> None:
    """One other calendar that is due; the next one in the next round."""
    sync.sync_next(now=now)


def prepare_pictures(now: datetime) -> None:
    if made := pictures.make_pending_variants():
        log.info("pictures prepared: %d", made)


def update_screening_model(now: datetime) -> None:
    """Soon after a decision."""
    if (known := screening.learn_if_due(now=now)) is not None:
        log.info("comment screening: words known %d", known)


def retrain_screening_model(now: datetime) -> None:
    """Comments are withdrawn and purged: what they taught goes with them."""
    screening.learn_from_decisions(now=now)


def run_hourly_cleanup(now: datetime) -> None:
    if expired := booking.expire_requests(now=now):
        log.info("requests expired: %d", expired)
    if warned := booking.send_expiry_warnings(now=now):
        log.info("requests that expire soon: %d", warned)
    if removed := workflow.purge_expired(now=now):
        log.info("retention: %s", ", ".join(f"{what} {n}" for what, n in sorted(removed.items())))
    if over := sum(
        purge(now)
        for purge in (
            sessions.purge_sessions,
            browsers.purge_known_browsers,
            sessions.purge_held_forms,
            access.purge_expired_links,
        )
    ):
        log.info("sign-ins, browsers, forms and links of staff forgotten: %d", over)
    # Also what an erasure could not finish: a reader held the log, or the disk was full.
    tombstones.write_tombstone_file(now=now)
    sqlite_maintenance.truncate_wal()


def create_backup_when_due(now: datetime) -> None:
    if storage.is_backup_due(now):
        made = create.create_backup(now=now)
        log.info("backup: %d rows, %d bytes", made.rows, made.bytes)


def vacuum_database(now: datetime) -> None:
    sqlite_maintenance.vacuum_if_due(now)


def remove_orphaned_files(now: datetime) -> None:
    if exports := uploads.delete_stale_files(now):
        log.info("exports from WordPress removed: %d", exports)
    if removed := pictures.remove_orphans(now=now):
        log.info("picture files without a row removed: %d", removed)
    public = Article.objects.published(now).values_list("pk", flat=True)
    if drawn := share_images.remove_stale_images({"site", *(f"article-{pk}" for pk in public)}):
        log.info("pictures for shared links removed: %d", drawn)


def rerender_comments(_now: datetime) -> None:
    if renewed := transitions.rerender_outdated():
        log.info("comments drawn again: %d", renewed)


def start_next_wordpress_import(now: datetime) -> None:
    """An export from WordPress that staff handed in, beside the mails."""
    uploads.start_next_import(now)


def check_claims(now: datetime) -> None:
    """The index lets no two have one time; this says when somebody has a time and no claim."""
    if found := checks.find_claim_mismatches(now=now):
        log.error("claims differ from consultations: %d; see check_claims", len(found))


HOURLY_TASKS: tuple[Callable[[datetime], None], ...] = (
    run_hourly_cleanup,
    rerender_comments,
    create_backup_when_due,
    retrain_screening_model,
)
DAILY_TASKS: tuple[Callable[[datetime], None], ...] = (
    check_claims,
    remove_orphaned_files,
    vacuum_database,
)
EVERY_ROUND_TASKS: tuple[Callable[[datetime], None], ...] = (
    expire_holds_and_send_reminders,
    notify_staff_of_comments,
    deliver_email,
    sync_next_calendar,
    prepare_pictures,
    start_next_wordpress_import,
    update_screening_model,
)

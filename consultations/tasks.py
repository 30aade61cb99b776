"""The worker's tasks: what runs every round, every hour and every day.

Each task takes the current time and does whatever is due by then. Nothing is scheduled ahead, so a
worker that was down catches up in its next round.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from consultations.accounts.browsers import purge_known_browsers
from consultations.accounts.sessions import purge_held_forms, purge_sessions
from consultations.accounts.workflow import purge_expired_links
from consultations.backups import create, storage
from consultations.booking.bookings import expire_holds
from consultations.booking.calendars import sync
from consultations.booking.checks import find_claim_mismatches
from consultations.booking.reminders import send_due_reminders
from consultations.booking.workflow import expire_requests, send_expiry_warnings, send_late_notices
from consultations.comments import screening
from consultations.comments.emails import send_due_notice
from consultations.comments.transitions import rerender_outdated
from consultations.data_rights import sqlite_maintenance
from consultations.data_rights.tombstones import write_tombstone_file
from consultations.data_rights.workflow import purge_expired
from consultations.outbox.delivery import deliver_due
from consultations.transfer import uploads
from pages.articles.models import Article
from pages.media import maintenance as pictures
from pages.seo import share_images

log = logging.getLogger(__name__)

Task = Callable[[datetime], None]


def deliver_email(now: datetime) -> None:
    """Send the emails in the outbox that are due."""
    if counts := deliver_due(now):
        log.info("mail: %s", ", ".join(f"{state} {n}" for state, n in sorted(counts.items())))


def expire_holds_and_send_reminders(now: datetime) -> None:
    """Release unconfirmed holds whose time is up, and send the reminders that are due."""
    if expired := expire_holds(now=now):
        log.info("holds expired: %d", expired)
    if reminded := send_due_reminders(now=now):
        log.info("reminders: %d", reminded)
    if late := send_late_notices(now=now):
        log.info("late answers: %d", late)


def notify_staff_of_comments(now: datetime) -> None:
    """Email staff about comments waiting for moderation, when a notice is due."""
    if send_due_notice(now=now):
        log.info("notice of waiting comments written")


def sync_next_calendar(now: datetime) -> None:
    """Fetch one connected calendar that is due, so that a slow server delays one round only."""
    sync.sync_next(now=now)


def prepare_pictures(now: datetime) -> None:
    """Make the missing sizes of uploaded pictures."""
    if made := pictures.make_pending_variants():
        log.info("pictures prepared: %d", made)


def update_screening_model(now: datetime) -> None:
    """Let comment screening learn from moderators' recent decisions."""
    if (word_count := screening.learn_if_due(now=now)) is not None:
        log.info("comment screening: words known %d", word_count)


def retrain_screening_model(now: datetime) -> None:
    """Retrain comment screening, so that withdrawn and purged comments no longer count."""
    screening.learn_from_decisions(now=now)


def run_hourly_cleanup(now: datetime) -> None:
    """Expire old requests and delete everything past its retention period."""
    if expired := expire_requests(now=now):
        log.info("requests expired: %d", expired)
    if warned := send_expiry_warnings(now=now):
        log.info("requests that expire soon: %d", warned)
    if removed := purge_expired(now=now):
        log.info("retention: %s", ", ".join(f"{what} {n}" for what, n in sorted(removed.items())))
    purge_account_data(now)
    # Also finishes an erasure that could not: the WAL had a reader, or the disk was full.
    write_tombstone_file(now=now)
    sqlite_maintenance.truncate_wal()


def purge_account_data(now: datetime) -> None:
    """Delete expired staff sessions, known browsers, held forms, invitations and reset links."""
    purges = (purge_sessions, purge_known_browsers, purge_held_forms, purge_expired_links)
    if purged := sum(purge(now) for purge in purges):
        log.info("sign-ins, browsers, forms and links of staff forgotten: %d", purged)


def create_backup_when_due(now: datetime) -> None:
    """Write the day's backup, unless it exists or automatic backups are off."""
    if storage.is_backup_due(now):
        backup = create.create_backup(now=now)
        log.info("backup: %d rows, %d bytes", backup.rows, backup.bytes)


def vacuum_database(now: datetime) -> None:
    """Vacuum an SQLite database when that is due."""
    sqlite_maintenance.vacuum_if_due(now)


def remove_orphaned_files(now: datetime) -> None:
    """Delete old WordPress exports, pictures without a row, and outdated share images."""
    if exports := uploads.delete_stale_files(now):
        log.info("exports from WordPress removed: %d", exports)
    if orphans := pictures.remove_orphans(now=now):
        log.info("picture files without a row removed: %d", orphans)
    public = Article.objects.published(now).values_list("pk", flat=True)
    if stale := share_images.remove_stale_images({"site", *(f"article-{pk}" for pk in public)}):
        log.info("pictures for shared links removed: %d", stale)


def rerender_comments(_now: datetime) -> None:
    """Render comments again whose HTML was made by an older renderer."""
    if rendered := rerender_outdated():
        log.info("comments drawn again: %d", rendered)


def start_next_wordpress_import(now: datetime) -> None:
    """Start the next uploaded WordPress import, in its own thread so that email is not held up."""
    uploads.start_next_import(now)


def check_claims(now: datetime) -> None:
    """Log consultations that do not match their time claims.

    The unique index prevents double booking; this finds a booking without its claim.
    """
    if mismatches := find_claim_mismatches(now=now):
        log.error("claims differ from consultations: %d; see check_claims", len(mismatches))


HOURLY_TASKS: tuple[Task, ...] = (
    run_hourly_cleanup,
    rerender_comments,
    create_backup_when_due,
    retrain_screening_model,
)
DAILY_TASKS: tuple[Task, ...] = (
    check_claims,
    remove_orphaned_files,
    vacuum_database,
)
EVERY_ROUND_TASKS: tuple[Task, ...] = (
    expire_holds_and_send_reminders,
    notify_staff_of_comments,
    deliver_email,
    sync_next_calendar,
    prepare_pictures,
    start_next_wordpress_import,
    update_screening_model,
)

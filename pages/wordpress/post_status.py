"""Decide from an item's WordPress status and date whether it may be public here. No I/O."""

from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from pages.wordpress.wxr.member_content import is_members_only
from pages.wordpress.wxr.records import Item

PUBLIC, SCHEDULED, DRAFT, LEFT_OUT = "public", "scheduled", "draft", "left_out"
PUBLIC_STATUSES = {"publish"}
# Deleted by the owner, never written, or an old revision.
SKIPPED_STATUSES = {"trash": "trash", "auto-draft": "auto_draft", "inherit": "revision"}
DRAFT_STATUSES = {"draft": "draft", "pending": "pending", "private": "private"}
MIN_YEAR = 1970


@dataclass(frozen=True)
class ImportStatus:
    """The state an item gets, the reason if it is not public, and its publication time."""

    state: str
    reason: str = ""
    published_at: datetime | None = None


def import_status(item: Item, zone: ZoneInfo, now: datetime) -> ImportStatus:
    """Return the state of an item here; anything uncertain becomes a draft or is left out.

    An item is public only if it says so, has no password, and was read far enough to be sure.
    """
    at = parse_time(item.date, item.date_gmt, zone)
    if item.status in SKIPPED_STATUSES:
        return ImportStatus(LEFT_OUT, SKIPPED_STATUSES[item.status])
    if item.is_cut and not item.comments:
        return (
            ImportStatus(LEFT_OUT, "cut_off")
            if not item.type
            else ImportStatus(DRAFT, "cut_off", at)
        )
    if item.password:
        return ImportStatus(DRAFT, "password", at)
    if item.password is None and item.is_cut:
        return ImportStatus(DRAFT, "cut_off", at)
    if is_members_only(item.meta):
        return ImportStatus(DRAFT, "members", at)
    if item.status in DRAFT_STATUSES:
        return ImportStatus(
            DRAFT, DRAFT_STATUSES[item.status], at if item.status == "private" else None
        )
    if item.status == "future":
        if at is None or at <= now:
            # The time passed after the export was made, so we cannot know whether it was published.
            return ImportStatus(DRAFT, "missed_time")
        return ImportStatus(SCHEDULED, "", at)
    if item.status in PUBLIC_STATUSES:
        if at is None or at > now:
            return ImportStatus(PUBLIC, "future_date" if at else "no_date", now)
        return ImportStatus(PUBLIC, "", at)
    return ImportStatus(DRAFT, "unknown_status")


def parse_time(local: str, gmt: str, zone: ZoneInfo) -> datetime | None:
    """Parse an exported time to UTC, preferring GMT; None if neither is valid.

    Drafts have an all-zero GMT time, and old exports have no GMT time at all.
    """
    if (at := _parse_datetime(gmt)) is not None:
        return at.replace(tzinfo=UTC)
    if (at := _parse_datetime(local)) is not None:
        return at.replace(tzinfo=zone).astimezone(UTC)
    return None


def is_valid_date(written: str) -> bool:
    return _parse_datetime(written) is not None


def _parse_datetime(written: str) -> datetime | None:
    try:
        at = datetime.fromisoformat(written.strip().replace("T", " ")[:19])
    except ValueError:
        return None
    # Some databases return year 0 or similar for a missing date.
    return at.replace(tzinfo=None) if at.year >= MIN_YEAR else None

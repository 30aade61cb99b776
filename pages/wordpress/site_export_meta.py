"""What an export of this very site says beside what WordPress knows, as post meta."""

from datetime import date
from typing import Any

from pages.site_pages.models import PageKey
from pages.text.cleaning import clean_html
from pages.wordpress.wxr.record_builder import OWN_META_PREFIX
from pages.wordpress.wxr.records import Item

REFERENCES = "_practice_references"
CALL_HEADING = "_practice_call_heading"
CALL_TEXT = "_practice_call_text"
CLOSES_ON = "_practice_comments_close_on"
UPDATED_ON = "_practice_updated_on"
OLD_PATHS = "_practice_old_addresses"
SITE_PAGE = "_practice_page"


def is_own(item: Item) -> bool:
    return any(key.startswith(OWN_META_PREFIX) for key in item.meta)


def further_fields(item: Item, kind: str) -> dict[str, Any]:
    """Fields of ours that another site's export does not have; none when it says none."""
    if not is_own(item):
        return {}
    get = item.meta.get
    found: dict[str, Any] = {"updated_on": _day(get(UPDATED_ON, ""))}
    if kind == "article":
        found |= {
            "references": clean_html(get(REFERENCES, "")),
            "call_to_action_heading": get(CALL_HEADING, "")[:120],
            "call_to_action_text": get(CALL_TEXT, ""),
            "comments_close_on": _day(get(CLOSES_ON, "")),
        }
    return found


def page_key(item: Item) -> str:
    """Which of the fixed pages an item holds the words of; "" for all others."""
    key = item.meta.get(SITE_PAGE, "")
    return key if item.type == "page" and key in PageKey.values else ""


def old_paths(item: Item) -> list[str]:
    lines = item.meta.get(OLD_PATHS, "").splitlines()
    return [line.strip() for line in lines if line.startswith("/")]


def _day(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

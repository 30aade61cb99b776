"""Read the post meta that this site's own export adds to the WordPress format."""

from datetime import date
from typing import TypedDict

from pages.site_pages.models import PageKey
from pages.text.cleaning import clean_html
from pages.wordpress.wxr.record_builder import OWN_META_PREFIX
from pages.wordpress.wxr.records import Item

REFERENCES_KEY = "_practice_references"
CALL_HEADING_KEY = "_practice_call_heading"
CALL_TEXT_KEY = "_practice_call_text"
COMMENTS_CLOSE_ON_KEY = "_practice_comments_close_on"
UPDATED_ON_KEY = "_practice_updated_on"
OLD_PATHS_KEY = "_practice_old_addresses"
SITE_PAGE_KEY = "_practice_page"


class ExtraFields(TypedDict, total=False):
    """Model field values that only this site's own export carries."""

    updated_on: date | None
    references: str
    call_to_action_heading: str
    call_to_action_text: str
    comments_close_on: date | None


def is_own_export(item: Item) -> bool:
    """Return whether the item comes from an export of this software."""
    return any(key.startswith(OWN_META_PREFIX) for key in item.meta)


def extra_fields(item: Item, kind: str) -> ExtraFields:
    """Return the fields that only this site's own export carries; empty for other exports."""
    if not is_own_export(item):
        return {}
    get = item.meta.get
    fields: ExtraFields = {"updated_on": _parse_date(get(UPDATED_ON_KEY, ""))}
    if kind == "article":
        fields |= {
            "references": clean_html(get(REFERENCES_KEY, "")),
            "call_to_action_heading": get(CALL_HEADING_KEY, "")[:120],
            "call_to_action_text": get(CALL_TEXT_KEY, ""),
            "comments_close_on": _parse_date(get(COMMENTS_CLOSE_ON_KEY, "")),
        }
    return fields


def site_page_key(item: Item) -> str:
    """Return the key of the built-in page that an item holds; "" for other items."""
    key = item.meta.get(SITE_PAGE_KEY, "")
    return key if item.type == "page" and key in PageKey.values else ""


def recorded_old_paths(item: Item) -> list[str]:
    lines = item.meta.get(OLD_PATHS_KEY, "").splitlines()
    return [line.strip() for line in lines if line.startswith("/")]


def _parse_date(written: str) -> date | None:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return None

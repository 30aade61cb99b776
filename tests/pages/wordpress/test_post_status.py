"""Items are public only if they say so and were read far enough to be sure."""

from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from pages.wordpress.post_status import import_status, parse_time
from pages.wordpress.slugs import make_slug, unique_slug
from pages.wordpress.wxr.records import ExportedComment, Item

NOW = datetime(2026, 11, 26, 12, tzinfo=UTC)
ZONE = ZoneInfo("America/New_York")
DATE = "2024-03-04 09:30:00"


def make_item(**facts: Any) -> Item:
    given: dict[str, Any] = {
        "id": 1,
        "type": "post",
        "status": "publish",
        "password": "",
        "date": DATE,
    }
    return Item(**(given | facts))


@pytest.mark.parametrize(
    ("facts", "state", "reason"),
    [
        ({}, "public", ""),
        ({"status": "draft"}, "draft", "draft"),
        ({"status": "pending"}, "draft", "pending"),
        ({"status": "private"}, "draft", "private"),
        ({"status": "trash"}, "left_out", "trash"),
        ({"status": "auto-draft"}, "left_out", "auto_draft"),
        ({"status": "inherit"}, "left_out", "revision"),
        ({"status": "archived"}, "draft", "unknown_status"),
        ({"status": ""}, "draft", "unknown_status"),
        ({"password": "key"}, "draft", "password"),
        ({"password": " "}, "draft", "password"),
        ({"status": "future", "date": "2030-01-01 00:00:00"}, "scheduled", ""),
        ({"status": "future"}, "draft", "missed_time"),
        ({"status": "future", "date": ""}, "draft", "missed_time"),
        ({"is_cut": True}, "draft", "cut_off"),
        ({"is_cut": True, "type": ""}, "left_out", "cut_off"),
        ({"is_cut": True, "password": None}, "draft", "cut_off"),
        ({"is_cut": True, "comments": [ExportedComment(1, "a", "b", "c")]}, "public", ""),
        ({"date": ""}, "public", "no_date"),
        ({"date": "2031-01-01 00:00:00"}, "public", "future_date"),
        ({"meta": {"_members_access_role": "subscriber"}}, "draft", "members"),
        ({"meta": {"rcp_access_level": "None"}}, "public", ""),
        ({"meta": {"_jetpack_newsletter_access": "everybody"}}, "public", ""),
        ({"meta": {"_jetpack_newsletter_access": "paid_subscribers"}}, "draft", "members"),
        (
            {"meta": {"um_content_restriction": 'a:1:{s:14:"_um_accessible";s:1:"2";}'}},
            "draft",
            "members",
        ),
        (
            {"meta": {"um_content_restriction": 'a:1:{s:14:"_um_accessible";s:1:"0";}'}},
            "public",
            "",
        ),
    ],
)
def test_import_status_of_items(facts, state, reason):
    status = import_status(make_item(**facts), ZONE, NOW)
    assert (status.state, status.reason) == (state, reason)


@pytest.mark.parametrize(
    ("local", "gmt", "expected"),
    [
        (DATE, "2024-03-04 14:30:00", datetime(2024, 3, 4, 14, 30, tzinfo=UTC)),
        (DATE, "0000-00-00 00:00:00", datetime(2024, 3, 4, 14, 30, tzinfo=UTC)),
        (DATE, "", datetime(2024, 3, 4, 14, 30, tzinfo=UTC)),
        ("0000-00-00 00:00:00", "0000-00-00 00:00:00", None),
        ("-0001-11-30 00:00:00", "", None),
        ("0001-01-01 00:00:00", "", None),
        ("yesterday", "soon", None),
        ("2024-03-10 02:30:00", "", datetime(2024, 3, 10, 7, 30, tzinfo=UTC)),
    ],
)
def test_export_times_are_parsed(local, gmt, expected):
    assert parse_time(local, gmt, ZONE) == expected


@pytest.mark.parametrize(
    ("slug", "title", "expected"),
    [
        ("on-rest", "x", "on-rest"),
        ("%ce%b5%cf%80%ce%af%cf%80%ce%b5%ce%b4%ce%bf-2", "x", "epipedo-2"),
        ("über-die-angst", "x", "uber-die-angst"),
        ("%e6%81%90%e3%82%8c-2", "恐れ", ""),
        ("", "On rest & sleep", "on-rest-sleep"),
        ("a" * 300, "", "a" * 120),
        ("../../etc", "x", "etc"),
    ],
)
def test_slugs_are_transliterated_and_limited(slug, title, expected):
    assert make_slug(slug, title) == expected


def test_taken_slug_gets_numeric_suffix():
    assert unique_slug("rest", {"rest", "rest-2"}.__contains__) == "rest-3"
    assert len(unique_slug("a" * 120, {"a" * 120}.__contains__)) == 120

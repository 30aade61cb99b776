"""Which posts come from our own pages: the table of what browsers send."""

import pytest
from django.test import RequestFactory

from consultations.visitors.decorators import is_same_origin

OURS = "https://quiet.example.com"
THEIRS = "https://evil.example"
CASES = [
    # Sec-Fetch-Site, Origin, Referer, allowed
    ("same-origin", None, None, True),
    ("none", None, None, True),
    ("same-site", None, None, False),
    ("cross-site", None, None, False),
    ("", None, None, False),
    ("nonsense", None, None, False),
    ("Same-Origin", None, None, False),
    ("cross-site", OURS, f"{OURS}/x", False),
    ("same-origin", THEIRS, None, True),  # the first word counts; a browser sends no such pair
    (None, OURS, None, True),
    (None, OURS.upper(), None, True),
    (None, THEIRS, None, False),
    (None, "null", None, False),
    (None, "", None, False),
    (None, "https://quiet.example.com.evil.example", None, False),
    (None, "https://quiet.example.com@evil.example", None, False),
    (None, "https://quiet.example.com:8443", None, False),
    (None, "https://[", None, False),
    (None, "quiet.example.com", None, False),
    (None, THEIRS, f"{OURS}/x", False),
    (None, None, f"{OURS}/articles/x/?q=1", True),
    (None, None, f"{THEIRS}/?{OURS}", False),
    (None, None, "", False),
    (None, None, "about:blank", False),
    (None, None, None, True),
]


@pytest.mark.parametrize(("site", "origin", "referer", "allowed"), CASES)
def test_where_a_post_comes_from(settings, site, origin, referer, allowed) -> None:
    settings.SITE_URL = OURS
    headers = {"Sec-Fetch-Site": site, "Origin": origin, "Referer": referer}
    sent = {name: value for name, value in headers.items() if value is not None}
    request = RequestFactory().post("/", headers=sent)
    assert is_same_origin(request) is allowed


def test_the_host_that_was_asked_for_decides_nothing(settings) -> None:
    settings.SITE_URL = OURS
    request = RequestFactory().post(
        "/", headers={"Origin": THEIRS, "Host": "evil.example"}, SERVER_NAME="evil.example"
    )
    assert not is_same_origin(request)

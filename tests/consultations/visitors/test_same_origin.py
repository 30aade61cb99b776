"""Tests for the same-origin check on POST requests, with the headers that browsers send."""

import pytest
from django.test import RequestFactory

from consultations.visitors.requests import is_same_origin

SITE_ORIGIN = "https://quiet.example.com"
FOREIGN_ORIGIN = "https://evil.example"
CASES = [
    # Sec-Fetch-Site, Origin, Referer, allowed
    ("same-origin", None, None, True),
    ("none", None, None, True),
    ("same-site", None, None, False),
    ("cross-site", None, None, False),
    ("", None, None, False),
    ("nonsense", None, None, False),
    ("Same-Origin", None, None, False),
    ("cross-site", SITE_ORIGIN, f"{SITE_ORIGIN}/x", False),
    (
        "same-origin",
        FOREIGN_ORIGIN,
        None,
        True,
    ),  # Sec-Fetch-Site takes precedence; no browser sends this pair
    (None, SITE_ORIGIN, None, True),
    (None, SITE_ORIGIN.upper(), None, True),
    (None, FOREIGN_ORIGIN, None, False),
    (None, "null", None, False),
    (None, "", None, False),
    (None, "https://quiet.example.com.evil.example", None, False),
    (None, "https://quiet.example.com@evil.example", None, False),
    (None, "https://quiet.example.com:8443", None, False),
    (None, "https://[", None, False),
    (None, "quiet.example.com", None, False),
    (None, FOREIGN_ORIGIN, f"{SITE_ORIGIN}/x", False),
    (None, None, f"{SITE_ORIGIN}/articles/x/?q=1", True),
    (None, None, f"{FOREIGN_ORIGIN}/?{SITE_ORIGIN}", False),
    (None, None, "", False),
    (None, None, "about:blank", False),
    (None, None, None, True),
]


@pytest.mark.parametrize(("site", "origin", "referer", "allowed"), CASES)
def test_post_origin_is_classified_by_headers(settings, site, origin, referer, allowed) -> None:
    settings.SITE_URL = SITE_ORIGIN
    headers = {"Sec-Fetch-Site": site, "Origin": origin, "Referer": referer}
    sent = {name: value for name, value in headers.items() if value is not None}
    request = RequestFactory().post("/", headers=sent)
    assert is_same_origin(request) is allowed


def test_host_header_does_not_affect_the_origin_check(settings) -> None:
    settings.SITE_URL = SITE_ORIGIN
    request = RequestFactory().post(
        "/", headers={"Origin": FOREIGN_ORIGIN, "Host": "evil.example"}, SERVER_NAME="evil.example"
    )
    assert not is_same_origin(request)

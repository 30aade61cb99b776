"""Invalid form input gets a clear response below 500, sets no cookie and stores no stray bytes."""

import unicodedata
from urllib.parse import urlencode

import pytest
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from consultations.booking.forms import ConsultationForm
from consultations.booking.models import Consultation
from consultations.comments.forms import CommentForm
from consultations.comments.models import Comment
from pages.practice.models import PracticeProfile
from tests.factories.pages import make_whole_site
from tests.hostile_inputs import (
    BAD_VALUES,
    COMMENT_DATA,
    CONSULTATION_DATA,
    DETAILS_PATH,
    ROUND_TRIP_TEXT,
    SECURITY_HEADERS,
)

COMMENTS_PATH = "/articles/reading-2/comments/"
FORM_FIELDS = [
    *((DETAILS_PATH, name) for name in CONSULTATION_DATA),
    *((COMMENTS_PATH, name) for name in COMMENT_DATA),
]


def valid_data_for(path: str) -> dict[str, str]:
    return CONSULTATION_DATA if path == DETAILS_PATH else COMMENT_DATA


def post(client, path, body, content_type="application/x-www-form-urlencoded"):
    return client.generic("POST", path, body, content_type=content_type)


def assert_safe_response(response) -> None:
    assert response.status_code < 500
    assert not response.cookies
    assert [name for name in SECURITY_HEADERS if name not in response.headers] == []


def assert_stored_text_is_clean() -> None:
    """Stored text has no control or bidi characters, and single-line fields have no line breaks."""
    for row in [*Consultation.objects.all(), *Comment.objects.all()]:
        for field in row._meta.fields:
            value = getattr(row, field.attname)
            if not isinstance(value, str):
                continue
            several_lines = field.name in ("note", "text", "published_html")
            for character in value:
                allowed = several_lines and character in "\n\t"
                assert allowed or unicodedata.category(character) not in ("Cc", "Cs"), field.name
                assert character not in "\u202a\u202b\u202c\u202d\u202e\u2028\u2029", field.name


@pytest.fixture
def site(db, settings):
    settings.RATE_LIMIT_SCALE = 0
    return make_whole_site()


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
def test_valid_form_is_accepted(site, client, path):
    assert post(client, path, urlencode(valid_data_for(path))).status_code == 303


@pytest.mark.sampled
@pytest.mark.parametrize(("path", "name"), FORM_FIELDS)
def test_bad_field_is_answered_and_other_answers_are_kept(site, client, path, name):
    others = {key: value for key, value in valid_data_for(path).items() if key != name}
    for what, value in BAD_VALUES.items():
        response = post(client, path, f"{urlencode(others)}&{name}={value}")
        assert_safe_response(response)
        assert response.status_code in (303, 409, 422), what
        if response.status_code != 303 and name not in ("text", "note"):
            assert escape(ROUND_TRIP_TEXT) in response.content.decode(), what
            assert "<script>alert" not in response.content.decode()
    assert_stored_text_is_clean()


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
@pytest.mark.parametrize("name", ["name", "email"])
@pytest.mark.parametrize("breaks", ["\r\n", "\n", "\r", "\0", "\u2028", "\x85"])
def test_line_break_in_name_or_email_is_refused(site, client, path, name, breaks):
    sent = {**valid_data_for(path), name: f"ann@example.com{breaks}Bcc: eve@example.com"}
    assert post(client, path, urlencode(sent)).status_code == 422
    assert not Consultation.objects.exists()
    assert not Comment.objects.exists()


@pytest.mark.parametrize(
    "address", ["a@example.com,b@example.com", "a@example.com;b@example.com", "A <a@example.com>"]
)
@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
def test_email_field_refuses_several_addresses(site, client, path, address):
    assert (
        post(client, path, urlencode({**valid_data_for(path), "email": address})).status_code == 422
    )


@pytest.mark.parametrize("path", [DETAILS_PATH, COMMENTS_PATH])
def test_repeated_field_counts_once(site, client, path):
    body = urlencode(valid_data_for(path)) + "&name=Second&email=second@example.com" * 20
    response = post(client, path, body)
    assert response.status_code == 303
    assert_stored_text_is_clean()


URL_TEMPLATES = [
    "/search/?q={}",
    "/articles/?page={}",
    "/articles/category/daily-life/?page={}",
    "/articles/{}/",
    "/articles/category/{}/",
    "/articles/tag/{}/",
    "/about/{}/",
    "/services/{}/",
    "/articles/reading-2/?reply={}",
    "/consultation/?type={}",
    "/consultation/details/?kind={}",
    "/c/{}/",
    "/c/{}/cancel/",
    "/comments/manage/{}/",
    "/comments/manage/{}/withdraw/",
    "/{}",
]
ODD_URL_PARTS = [
    "%00",
    "%ff",
    "a%00b",
    "%ed%a0%80",
    "-1",
    "0",
    "99999999999999999999",
    "%D9%A1",
    "1e9",
    "%27%20OR%201=1--",
    "%3Cscript%3E",
    "%25",
    "%0d%0aSet-Cookie:%20a=b",
    "x" * 3000,
    "~" * 60,
    "..%2f..%2fetc%2fpasswd",
]


@pytest.mark.parametrize("address", URL_TEMPLATES)
def test_odd_urls_get_safe_responses(site, client, address):
    for part in ODD_URL_PARTS:
        response = client.generic("GET", address.format(part))
        assert_safe_response(response)
        assert b"<script>" not in response.content.replace(b'<script type="application', b"")


@given(value=st.text(max_size=300))
@hypothesis_settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
def test_forms_validate_any_text_without_raising(site, value):
    now, practice = timezone.now(), PracticeProfile.load()
    for name in COMMENT_DATA:
        form = CommentForm({**COMMENT_DATA, name: value}, now=now)
        form.is_valid()
        form.suspicions()
        form.as_p()
    request = ConsultationForm(dict.fromkeys(CONSULTATION_DATA, value), now=now, practice=practice)
    request.is_valid()
    request = ConsultationForm(
        {**CONSULTATION_DATA, "name": value, "phone": value, "note": value, "access": value},
        now=now,
        practice=practice,
    )
    if request.is_valid():
        assert request.details().note == request.cleaned_data["note"]

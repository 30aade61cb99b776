"""Tests for rendered emails: the practice's text, the fixed end, and the HTML part."""

import re
from datetime import UTC, datetime

import pytest

from consultations.email_texts import workflow
from consultations.email_texts.catalog import EMAIL_KINDS, EmailKind, find_kind
from consultations.email_texts.models import EmailText
from consultations.email_texts.rendering import ADDED_TEXT, VALUES, render_email, render_text
from consultations.email_texts.samples import sample_context
from consultations.outbox.colors import email_colors
from consultations.outbox.models import OutgoingEmail
from tests.factories.pages import make_practice

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 5, 4, 16, 0, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _practice() -> None:
    make_practice(name="Riverside Therapy", discreet_name="Robin")


@pytest.mark.parametrize("kind", EMAIL_KINDS, ids=lambda kind: kind.key)
def test_every_email_renders_without_gaps(kind: EmailKind) -> None:
    email = render_email(kind.key, sample_context(NOW))
    for part in (email.subject, email.text, email.html):
        assert "Riverside" not in part
        assert not re.search(r"\{[a-z ]+\}", part.partition("</head>")[2] or part)
    assert "http://testserver/crisis/" in email.text
    assert "http://testserver/crisis/" in email.html


def test_practice_text_replaces_default() -> None:
    body = "Hi <b>there</b> & welcome.\n\n{time}\n\n{private link}"
    kind = find_kind("consultation_confirmed")
    assert kind is not None
    workflow.save_text(kind, subject="See {counselor}", body=body, version=0, now=NOW)
    email = render_email(kind.key, sample_context(NOW))
    assert email.subject == "See Robin"
    assert email.text.startswith("Hi <b>there</b> & welcome.\n\nTuesday, May 5, 2026")
    assert "Hi &lt;b&gt;there&lt;/b&gt; &amp; welcome." in email.html
    assert workflow.restore_default(kind)
    assert render_email(kind.key, sample_context(NOW)).subject == "Your call with Robin"


def test_added_text_follows_the_time_and_is_taken_literally() -> None:
    context = sample_context(NOW) | {ADDED_TEXT: "Ring twice. {private link} <i>"}
    text = render_text("s", "First.\n\n{time}\n\nLast.", context).text
    parts = text.split("\n\n")
    assert parts[0] == "First."
    assert parts[2:4] == ["Ring twice. {private link} <i>", "Last."]
    without_time = render_text("s", "First.\n\nLast.", context).text.split("\n\n")
    assert without_time[:3] == ["First.", "Ring twice. {private link} <i>", "Last."]


def test_html_loads_nothing_and_has_both_color_schemes() -> None:
    email = render_email("consultation_confirmed", sample_context(NOW))
    light, dark = email_colors()
    assert re.findall(r"<(?:img|link|script|iframe)|url\(|@import|src=", email.html) == []
    assert set(re.findall(r'href="(https?://[^/"]+)', email.html)) == {"http://testserver"}
    assert light.accent in email.html
    assert dark.accent in email.html
    assert "prefers-color-scheme: dark" in email.html


def test_link_alone_on_a_line_is_a_button() -> None:
    email = render_text("s", "Go to\n{private link}", sample_context(NOW))
    assert re.search(r'<a class="button" href="http://testserver/[^"]+"', email.html)
    inline = render_text("s", "Go to {private link} now", sample_context(NOW))
    assert 'class="button" href' not in inline.html
    assert ">http://testserver/sample-link/</a> now" in inline.html


def test_stale_save_is_a_conflict() -> None:
    kind = find_kind("comment_received")
    assert kind is not None
    workflow.save_text(kind, subject="a", body="{private link}", version=0, now=NOW)
    with pytest.raises(workflow.TextConflict):
        workflow.save_text(kind, subject="b", body="{private link}", version=0, now=NOW)
    workflow.save_text(kind, subject="c", body="{private link}", version=1, now=NOW)
    with pytest.raises(workflow.TextConflict):
        workflow.save_text(kind, subject="d", body="{private link}", version=1, now=NOW)
    assert (EmailText.objects.get().subject, EmailText.objects.get().version) == ("c", 2)


def test_test_email_is_queued_with_sample_values() -> None:
    kind = find_kind("consultation_confirmed")
    assert kind is not None
    workflow.send_test(kind, subject="Hi {counselor}", body="{time}", to="me@mail.example", now=NOW)
    mail = OutgoingEmail.objects.get()
    assert (mail.to, mail.subject, mail.message) == (
        "me@mail.example",
        "Hi Robin",
        "email_text_test",
    )
    assert VALUES not in mail.text

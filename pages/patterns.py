"""Samples for the pattern page: every component in every state, with long and foreign names."""

from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

from django import forms
from django.core.paginator import Page, Paginator

from pages.media.portraits import draw_portrait
from pages.practice.price_list import ServiceRow
from pages.practice.profile import CallToAction
from pages.scenes import draw_cover

LONG_NAME = "Wolfeschlegelsteinhausenbergerdorff-Featherstonehaugh"
SAMPLE_TIME = datetime(2026, 3, 5, 9, 30, tzinfo=UTC)
SAMPLE_DAYS = ("Monday", "Wednesday")
DAY_PARTS = (("morning", "Morning"), ("afternoon", "Afternoon"), ("evening", "Evening"))


class PatternForm(forms.Form):
    """One field of each kind; never submitted."""

    name = forms.CharField(
        label="Name you would like us to use",
        max_length=100,
        error_messages={"required": "Enter the name you would like us to use"},
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
    )
    email = forms.EmailField(
        label="Email",
        help_text="We write to this address once, to answer you.",
        error_messages={"invalid": "Enter an email address, like name@example.com"},
        widget=forms.EmailInput(attrs={"autocomplete": "email"}),
    )
    phone = forms.CharField(
        label="Phone",
        required=False,
        widget=forms.TextInput(attrs={"type": "tel", "autocomplete": "tel"}),
    )
    service = forms.ChoiceField(
        label="What are you looking for",
        choices=(("", "Not sure yet"), ("counselling", "Counselling"), ("coaching", "Coaching")),
        required=False,
    )
    channel = forms.ChoiceField(
        label="How may we reach you",
        help_text="We use this way and no other.",
        choices=(("email", "Email"), ("call", "A call"), ("text", "A text message")),
        error_messages={"required": "Choose how we may reach you"},
        widget=forms.RadioSelect,
    )
    times = forms.MultipleChoiceField(
        label="Times that suit you",
        required=False,
        choices=[
            (day, [(f"{day}-{part}".lower(), label) for part, label in DAY_PARTS])
            for day in SAMPLE_DAYS
        ],
        widget=forms.CheckboxSelectMultiple(attrs={"class": "choices-row"}),
    )
    note = forms.CharField(
        label="Anything that helps us prepare",
        required=False,
        max_length=500,
        help_text="A sentence or two is enough. No medical detail is needed.",
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    consent = forms.BooleanField(
        label="I agree that you may use these answers to reply to me",
        help_text="We delete them 90 days after we last wrote to each other.",
        error_messages={"required": "Tick the box if you agree, so that we may answer you"},
    )


def pattern_context() -> dict[str, object]:
    answers = {"faulty-email": "jo(at)example", "faulty-note": "Kept as written."}
    faulty = PatternForm(answers, prefix="faulty")
    faulty.add_error(None, "Someone has just taken that time. The nearest free ones are below.")
    filled = {
        "name": LONG_NAME,
        "email": "jo@example.com",
        "channel": "call",
        "times": ["monday-morning", "wednesday-evening"],
        "note": "Evenings are quieter for me.",
        "consent": True,
    }
    return {
        "rest_form": PatternForm(prefix="rest"),
        "filled_form": PatternForm(initial=filled, prefix="filled"),
        "faulty_form": faulty,
        "tokens": COLOR_TOKENS,
        "covers": [draw_cover(f"sample {number}") for number in range(8)],
        "articles": [(article, draw_cover(article.slug)) for article in _articles()],
        "statuses": STATUSES,
        "practitioner": _practitioner(),
        "portrait": draw_portrait("jo", "Jo Sample"),
        "service_rows": SERVICE_ROWS,
        "call": CALL,
        "last_call": replace(CALL, heading="Talk it over first"),
        "sample_licences": [_licence()],
        "fees": _fees(),
        "questions": _questions(),
        "comments": _comments(),
        "page_obj": _sample_page(),
        "steps": STEPS,
        "links": [("Therapy and coaching", "#tags"), ("Boundaries", "#cards")],
        "breadcrumb_items": [("Home", "#main"), ("Articles", "#cards"), ("A long title", "")],
        "summary_rows": [
            ("Reference", "HC-7K4M2"),
            ("When", "Thursday 26 November, 10:00, Portland time"),
            ("Name", LONG_NAME),
        ],
        "sample_crisis_lines": _crisis_lines(),
        "long_name": LONG_NAME,
    }


# fmt: off
COLOR_TOKENS = (
    "paper", "surface", "tint", "ink", "soft", "line", "field", "accent", "accent-hover",
    "on-accent", "accent-tint", "clay", "focus", "error", "error-bg", "ok", "ok-bg", "note",
    "note-edge", "art-1", "art-2", "art-3", "art-4", "art-5", "art-6",
)
# fmt: on
STATUSES = (
    ("accepting", "Accepting new clients"),
    ("waitlist", "Waiting list open"),
    ("closed", "Full at the moment"),
    ("requested", "Waiting for our answer"),
    ("confirmed", "Confirmed"),
)
CALL = CallToAction(
    heading="See if we’re a good fit",
    text="Ask us anything.",
    label="Book a free consultation",
    short_label="Free consultation",
    url="#forms",
    note="20 minutes, by phone or video. Free, with no commitment.",
)
SERVICE_ROWS = (
    ServiceRow("First call", "", "", "20 minutes", "Free", "", ""),
    ServiceRow("Individual", "#cards", "An hour for you.", "50 minutes", "$110–150", "$50", ""),
    ServiceRow(LONG_NAME, "#cards", LONG_NAME, "75 minutes", "$210", "", "Waiting list open"),
)
STEPS = (
    ("Ask for a call", "Choose a time or write to us. It takes two minutes."),
    ("We talk for 20 minutes", "By phone or video. Free, with no commitment."),
    ("You choose", "Go on with us, look elsewhere, or wait. Each is a good answer."),
)


def _articles() -> list[SimpleNamespace]:
    titles = (
        "How to choose someone to talk to",
        "What a first call is like, and what it is not",
        f"A very long title that runs on about {LONG_NAME} and ends late",
    )
    return [
        SimpleNamespace(
            title=title,
            slug=f"sample-{number}",
            summary="One calm sentence that says what the reader will know afterwards.",
            category=SimpleNamespace(name="Getting started"),
            published_at=SAMPLE_TIME,
            reading_minutes=4 + number,
            get_absolute_url="#cards",
        )
        for number, title in enumerate(titles)
    ]


def _practitioner() -> SimpleNamespace:
    return SimpleNamespace(
        name="Jo Sample",
        credentials="MA, LPC",
        pronouns="they/them",
        first_name="Jo",
        role="Counselor and coach",
        intro="I listen first. Most people leave the first talk with one thing they can do.",
        supervisor="Dr. A. Example",
        get_absolute_url="#cards",
    )


def _licence() -> SimpleNamespace:
    return SimpleNamespace(
        title="Licensed Professional Counselor",
        jurisdiction="Oregon",
        number="C0000",
        board="Sample Board of Counselors",
        register_url="https://www.example.com/register",
    )


def _fees() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(label="First call", minutes=20, amount_text="", note="By phone or video"),
        SimpleNamespace(label="Individual session", minutes=50, amount_text="$140", note=""),
        SimpleNamespace(
            label="Couples session",
            minutes=75,
            amount_text="$190",
            note="Two people, one room",
            is_sliding=True,
            lowest_amount="$90",
        ),
    ]


def _questions() -> list[SimpleNamespace]:
    return [
        SimpleNamespace(
            slug="bad-enough",
            question="Is what I have bad enough?",
            answer="<p>You do not need to be in a crisis. Wanting to talk is reason enough.</p>",
        ),
        SimpleNamespace(
            slug="cry",
            question="What if I cry, or have nothing to say?",
            answer="<p>Both happen often. We have tissues and time.</p>",
        ),
    ]


def _comments() -> list[SimpleNamespace]:
    third = _comment("c3", "Robin", "<p>Thank you both.</p>", depth=2)
    answer = _comment("c2", "Jo Sample", "<p>Thank you for writing this.</p>", depth=1)
    answer.is_by_practice = True
    answer.replies = [third]
    first = _comment("c1", LONG_NAME, "<p>I had not seen it that way.</p><p>Thank you.</p>")
    first.replies = [answer]
    arabic = _comment("c4", "ليلى", '<p lang="ar" dir="rtl">شكرا لكم على هذا المقال.</p>')
    edited = _comment("c5", "Kim", "<p>I saw [name] there.</p>")
    edited.is_edited = True
    gone = _comment("c6", "", "")
    gone.placeholder = "withdrawn"
    gone.replies = [_comment("c7", "W" * 40, f"<p>{'Unterbeamten' * 12}</p>", depth=1)]
    return [first, arabic, edited, gone]


def _comment(anchor: str, name: str, html: str, depth: int = 0) -> SimpleNamespace:
    return SimpleNamespace(
        anchor=f"comment-{anchor}",
        public_id=anchor,
        name=name,
        initial=name[:1],
        html=html,
        published_at=SAMPLE_TIME,
        is_by_practice=False,
        depth=depth,
        replies=[],
    )


def _crisis_lines() -> list[SimpleNamespace]:
    line = {"sms": "", "sms_number": "", "hours": "", "url": ""}
    return [
        SimpleNamespace(
            **{**line, "kind": "emergency", "name": "Emergency", "phone": "112", "tel": "112"}
        ),
        SimpleNamespace(
            kind="line",
            name="A listening line",
            phone="555 0100",
            tel="5550100",
            sms="HOME to 555 0101",
            sms_number="5550101",
            hours="24/7, free",
            url="https://www.example.com/",
        ),
    ]


def _sample_page() -> Page:
    return Paginator(range(30), 10).page(2)

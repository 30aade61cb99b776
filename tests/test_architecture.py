"""Import directions (the order is in tools/import_graph.py), and code that is forbidden."""

import re
from itertools import chain
from pathlib import Path

import pytest

from tools.import_graph import (
    APP_CONFIGS,
    CONSULTATIONS,
    PACKAGES,
    PROJECT,
    ROOM_LAYERS,
    ROOMS_IN_BOOKING,
    cycles,
    dotted,
    files,
    imports,
    layer_violations,
    levels,
    room,
    violations_between_rooms,
    violations_inside_booking,
    violations_inside_rooms,
)
from tools.structure import MAX_FILE_LINES, line_count


@pytest.mark.parametrize("package", ROOM_LAYERS)
def test_rooms_import_only_lower_layers(package):
    assert violations_between_rooms(package) == []


@pytest.mark.parametrize("package", ROOM_LAYERS)
def test_every_room_is_in_the_layer_list(package):
    here = {room(dotted(path)) for path in files(package)} - {"__init__"}
    places = {*chain.from_iterable(ROOM_LAYERS[package]), *APP_CONFIGS[package]}
    assert here - places == set()


def test_import_against_the_order_is_found():
    up = {("privacy", "booking"): "privacy.x"}
    sideways = {("booking", "comments"): "booking.x"}
    assert layer_violations(CONSULTATIONS, up) == ["privacy.x: privacy -> booking"]
    assert layer_violations(CONSULTATIONS, sideways) == ["booking.x: booking -> comments"]
    assert layer_violations(CONSULTATIONS, {("comments", "privacy"): "fine"}) == []


def test_no_modules_import_each_other_in_a_circle():
    assert cycles() == []


def test_circle_is_found():
    graph = {"a": {"b"}, "b": {"c"}, "c": {"a", "d"}, "d": {"e"}, "e": set()}
    assert cycles(graph) == [["a", "b", "c"]]


@pytest.mark.parametrize(
    ("package", "strangers"),
    [("pages", ("consultations", "practice_site")), ("consultations", ("practice_site",))],
)
def test_packages_do_not_import_higher_packages(package, strangers):
    assert forbidden_imports(package, strangers) == []


@pytest.mark.parametrize("package", PACKAGES)
def test_product_imports_neither_tests_nor_tools(package):
    assert forbidden_imports(package, ("tests", "tools")) == []


def forbidden_imports(package: str, strangers: tuple[str, ...]) -> list[str]:
    return [
        f"{dotted(path)}: {target}"
        for path in files(package)
        for target in imports(path)
        if target.split(".")[0] in strangers
    ]


def test_inside_a_room_views_use_rules_and_rules_use_no_views():
    assert violations_inside_rooms() == []


def test_booking_rooms_import_only_lower_layers():
    home = PROJECT / "consultations" / "booking"
    assert {path.parent.name for path in home.glob("*/__init__.py")} == set(
        levels(ROOMS_IN_BOOKING)
    )
    assert violations_inside_booking() == []


def test_only_privacy_imports_cryptography():
    crypto = ("cryptography", "hmac", "django.core.signing")
    wrong = [
        f"{dotted(path)}: {target}"
        for path in files("consultations")
        for target in imports(path)
        if target.startswith(crypto) and room(dotted(path)) not in ("privacy",)
    ]
    # A backup file is encrypted where it is written; the time in a form is signed where it is
    # checked.
    known = ("visitors.forms: django.core.signing", "backups.legacy_encryption: ")
    assert [line for line in wrong if not any(name in line for name in known)] == []


def test_only_outbox_sends_email():
    senders = ("django.core.mail", "smtplib")
    assert {
        room(dotted(path))
        for path in files()
        for target in imports(path)
        if target.startswith(senders)
    } == {"outbox"}


def test_workflows_use_no_request_and_no_clock():
    for path in files("consultations"):
        if path.name in ("workflow.py", "bookings.py", "resubmission.py", "emails.py"):
            assert "HttpRequest" not in path.read_text(encoding="utf-8"), path
            assert "timezone.now" not in path.read_text(encoding="utf-8"), path


def test_visitor_models_encrypt_their_text():
    """A plain text column in a model of visitor data is where a message would leak."""
    from django.db import models

    from consultations.privacy.fields import EncryptedTextField, PrivateModel
    from consultations.privacy.rotation import private_models

    assert private_models()
    for model in private_models():
        assert issubclass(model, PrivateModel)
        texts = [f.name for f in model._meta.fields if type(f) is models.TextField]
        # Of a calendar: codes why entries were left out, never a word of theirs.
        assert texts in ([], ["published_html"], ["skipped_reasons"]), model
        assert any(isinstance(f, EncryptedTextField) for f in model._meta.fields), model


# --- forbidden code, and code that few modules may contain ---

MARK_SAFE_COUNTS = {
    "pages/media/rendering.py": 1,  # every value escaped, or a number
    "pages/media/portraits.py": 1,  # numbers, fixed shapes and escaped letters
    "pages/practice/offers.py": 1,  # out of the cleaner
    "pages/scenes.py": 1,  # fixed shapes
    "pages/templatetags/content_tags.py": 2,  # out of the cleaner
    "pages/templatetags/look_tags.py": 1,  # sections of our templates, with an escaped title
    "pages/templatetags/desk_tags.py": 1,  # a cell of Django's list, and an escaped label
    "pages/seo/metadata.py": 1,  # escaped for a script block
    "consultations/booking/staff/admin.py": 2,  # the separator <br>
}
SAFE_FILTER_USES = {
    "consultations/comments/_comment_text.html": "html|safe",
    "components/faq.html": "question.answer|safe",
    "consultations/booking/consultation.html": "page.body|safe",
    "practice/layout/help_text.html": "field.help_text|safe",
}
_MARK_SAFE_CALL = re.compile(r"\b(?:mark_safe|SafeString|SafeText)\(")
_SAFE_FILTER = re.compile(r"[\w.]+\s*\|\s*safe(?:seq)?\b")
_INLINE_CODE = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\ssrc=)""", re.I
)


def test_mark_safe_is_called_only_in_known_files():
    found = {
        str(path.relative_to(PROJECT)): count
        for path in files()
        if (count := len(_MARK_SAFE_CALL.findall(path.read_text(encoding="utf-8"))))
    }
    assert {name: n for name, n in found.items() if n > MARK_SAFE_COUNTS.get(name, 0)} == {}
    assert sum(found.values()) >= 5  # or the search finds nothing at all


def template_paths() -> list[Path]:
    return sorted(p for p in (PROJECT / "templates").rglob("*") if p.suffix in (".html", ".xml"))


def template_name(template: Path) -> str:
    return str(template.relative_to(PROJECT / "templates"))


def test_safe_filter_is_used_only_on_known_values():
    found = {
        (template_name(path), match)
        for path in template_paths()
        for match in _SAFE_FILTER.findall(path.read_text(encoding="utf-8"))
    }
    assert found <= set(SAFE_FILTER_USES.items())
    assert len(found) >= 3


def test_autoescape_is_off_only_in_text_emails():
    off = [
        str(path.relative_to(PROJECT))
        for path in (PROJECT / "templates").rglob("*.*")
        if "autoescape off" in path.read_text(encoding="utf-8")
    ]
    assert off
    assert [path for path in off if not re.fullmatch(r"templates/emails/.+\.txt", path)] == []


def test_templates_have_no_inline_style_or_script():
    wrong = [
        f"{template_name(path)}: {match}"
        for path in template_paths()
        if "emails" not in path.parts
        for match in _INLINE_CODE.findall(strip_json_ld_tags(path.read_text(encoding="utf-8")))
    ]
    assert wrong == []


def strip_json_ld_tags(source: str) -> str:
    return source.replace('<script type="application/ld+json">', "")


@pytest.mark.parametrize(
    "bad", ['<p style="x">', "<p onclick=a()>", "<script>a()</script>", "<style>", "javascript:a()"]
)
def test_inline_code_pattern_matches_examples(bad):
    assert _INLINE_CODE.search(bad)


def test_visitor_templates_use_no_user_session_or_csrf_token():
    wrong = [
        template_name(path)
        for path in template_paths()
        if "admin" not in path.parts
        and re.search(r"request\.(?:user|session)|csrf_token", path.read_text(encoding="utf-8"))
    ]
    assert wrong == []


def test_no_file_is_too_long():
    long = {str(path): line_count(path) for path in files() if line_count(path) > MAX_FILE_LINES}
    assert long == {}


def test_no_todo_markers_remain():
    word = re.compile(r"\b(?:TO" + "DO|FIX" + r"ME|X" + r"XX)\b")
    everything = [
        *files(),
        *template_paths(),
        *(PROJECT / "tests").rglob("*.py"),
        *(PROJECT / "tools").rglob("*.py"),
        *(PROJECT / "static" / "css").rglob("*.css"),
        *(PROJECT / "static" / "js").glob("*.js"),
        *(PROJECT / "docs").rglob("*.md"),
        *(path for path in (PROJECT / "bin").iterdir() if path.is_file()),
        *PROJECT.glob("*.md"),
        PROJECT / "Makefile",
    ]
    assert [str(p) for p in everything if word.search(p.read_text(encoding="utf-8"))] == []

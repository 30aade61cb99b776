"""The crispy template pack: order of a field's parts, required marks, and ids for ARIA."""

import re
from html.parser import HTMLParser

import pytest
from crispy_forms.templatetags.crispy_forms_filters import as_crispy_form
from django import forms
from django.template.loader import render_to_string

from pages.patterns import PatternForm


class ElementParser(HTMLParser):
    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def by_id(self, wanted: str) -> tuple[str, dict[str, str | None]]:
        [element] = [element for element in self.elements if element[1].get("id") == wanted]
        return element

    @property
    def ids(self) -> list[str | None]:
        return [attrs["id"] for _tag, attrs in self.elements if "id" in attrs]


class DecoyForm(forms.Form):
    website = forms.CharField(required=False, label="Leave this empty")
    website.is_decoy = True  # type: ignore[attr-defined]


def render_form(form: forms.Form) -> str:
    return as_crispy_form(form)


@pytest.fixture
def invalid_form() -> PatternForm:
    return PatternForm({"email": "jo(at)example", "name": "<b>Jo</b>"})


def test_described_ids_exist_exactly_once(invalid_form: PatternForm) -> None:
    page = ElementParser(render_form(invalid_form))
    named = " ".join(attrs.get("aria-describedby") or "" for _tag, attrs in page.elements).split()
    assert "id_email_helptext" in named
    assert "id_email_error" in named
    assert all(page.ids.count(name) == 1 for name in named)
    assert len(page.ids) == len(set(page.ids))


def test_invalid_field_references_hint_and_error(invalid_form: PatternForm) -> None:
    _tag, attrs = ElementParser(render_form(invalid_form)).by_id("id_email")
    assert attrs["aria-invalid"] == "true"
    assert attrs["aria-describedby"] == "id_email_helptext id_email_error"


def test_field_parts_come_in_order(invalid_form: PatternForm) -> None:
    html = render_form(invalid_form)
    parts = ['for="id_email"', 'id="id_email_helptext"', 'id="id_email_error"', 'id="id_email"']
    places = [html.index(part) for part in parts]
    assert places == sorted(places)


def test_required_and_optional_fields_are_marked() -> None:
    html = render_form(PatternForm())
    labels = re.findall(r'<label class="field-label" for="id_(\w+)">(.*?)</label>', html, re.DOTALL)
    marks = {name: "*" if "*" in text else "(optional)" in text for name, text in labels}
    assert marks == {
        "name": "*",
        "email": "*",
        "phone": True,
        "service": True,
        "note": True,
        "consent": "*",
    }


@pytest.mark.parametrize("name", ["channel", "times"])
def test_choices_are_in_a_fieldset_with_legend(name: str) -> None:
    tag, _attrs = ElementParser(render_form(PatternForm())).by_id(f"id_{name}")
    assert tag == "fieldset"
    field = PatternForm.base_fields[name]
    assert re.search(rf"<legend>{field.label}\s", render_form(PatternForm()))


def test_group_error_is_inside_its_fieldset(invalid_form: PatternForm) -> None:
    html = render_form(invalid_form)
    group = html[html.index('<fieldset class="field field-invalid" id="id_channel"') :]
    group = group[: group.index("</fieldset>")]
    assert 'id="id_channel_error"' in group
    _tag, attrs = ElementParser(html).by_id("id_channel")
    assert attrs["aria-describedby"] == "id_channel_helptext id_channel_error"


def test_choices_stay_selected_and_have_labels() -> None:
    form = PatternForm({"channel": "call", "times": ["monday-morning"]})
    page = ElementParser(render_form(form))
    checked = [attrs["value"] for _tag, attrs in page.elements if "checked" in attrs]
    labelled = {attrs.get("for") for tag, attrs in page.elements if tag == "label"}
    choices = {
        attrs["id"] for _tag, attrs in page.elements if attrs.get("type") in {"radio", "checkbox"}
    }
    assert checked == ["call", "monday-morning"]
    assert choices <= labelled


def test_submitted_values_are_kept_and_escaped(invalid_form: PatternForm) -> None:
    _tag, attrs = ElementParser(render_form(invalid_form)).by_id("id_name")
    assert attrs["value"] == "<b>Jo</b>"
    assert "<b>Jo</b>" not in render_form(invalid_form)


def test_error_summary_links_point_to_fields(invalid_form: PatternForm) -> None:
    invalid_form.add_error(None, "A fault of the whole form.")
    summary = ElementParser(
        render_to_string("components/error_summary.html", {"form": invalid_form})
    )
    targets = [attrs["href"] for tag, attrs in summary.elements if tag == "a"]
    assert targets == ["#id_email", "#id_channel_0", "#id_consent"]
    drawn = ElementParser(render_form(invalid_form))
    assert [drawn.by_id(str(target)[1:])[0] for target in targets] == ["input"] * 3


def test_error_summary_takes_focus_and_lists_form_errors(
    invalid_form: PatternForm,
) -> None:
    invalid_form.add_error(None, "A fault of the whole form.")
    html = render_to_string("components/error_summary.html", {"form": invalid_form})
    _tag, attrs = ElementParser(html).elements[0]
    assert (attrs["role"], attrs["tabindex"]) == ("alert", "-1")
    assert "autofocus" in attrs
    assert "<li>A fault of the whole form.</li>" in html


def test_textarea_shows_character_limit() -> None:
    assert "Up to 500 characters" in render_form(PatternForm())


def test_honeypot_field_is_hidden() -> None:
    html = render_form(DecoyForm())
    assert '<div class="field-decoy" aria-hidden="true">' in html
    assert 'name="website"' in html

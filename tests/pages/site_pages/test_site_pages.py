"""Fixed pages and their default texts."""

import pytest

from pages.practice.models import PracticeProfile
from pages.site_pages.models import DEFAULTS_DIR, PageKey, SitePage, page_url, parse_default_text
from pages.site_pages.variables import fill_variables, variable_values
from pages.text.cleaning import clean_html
from tests.factories.pages import make_practice, make_site_page

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("key", PageKey.values)
def test_every_site_page_has_default_text(key) -> None:
    assert (DEFAULTS_DIR / f"{key}.html").exists()
    page = SitePage.default_for(key)
    assert page.title
    assert page.lead
    assert page_url(key)


@pytest.mark.parametrize("key", PageKey.values)
def test_default_texts_use_known_variables_and_clean_html(key) -> None:
    page = SitePage.default_for(key)
    practice = make_practice()
    assert "{" not in fill_variables(page.lead + page.body, practice)
    cleaned = clean_html(page.body).replace(' rel="noopener"', "")
    assert "".join(cleaned.split()) == "".join(page.body.split())


def test_custom_text_replaces_default(client) -> None:
    make_practice(name="Quiet Room")
    make_site_page(key="terms", title="Our terms", body="<p>{practice_name} asks little.</p>")
    page = client.get("/terms/").content.decode()
    assert "<h1>Our terms</h1>" in page
    assert "Quiet Room asks little." in page


def test_variables_are_escaped_and_not_evaluated() -> None:
    practice = PracticeProfile(name="<b>&", email="a@example.com")
    assert (
        fill_variables("<p>{practice_name}</p>", practice, is_html=True) == "<p>&lt;b&gt;&amp;</p>"
    )
    text = "{practice_name.__class__} {unknown} {{ settings }} {% debug %}"
    assert fill_variables(text, practice) == text


def test_retention_days_come_from_settings(client, settings) -> None:
    settings.CONSULTATION_RETENTION_DAYS = 77
    settings.COMMENT_SPAM_RETENTION_DAYS = 11
    page = client.get("/privacy/what-we-collect/").content.decode()
    assert "77 days after your request is closed" in page
    assert "11 days" in page
    assert variable_values(PracticeProfile())["consultation_days"] == "77"


def test_template_pages_show_template_notice(client) -> None:
    make_site_page(key="terms", is_template=True)
    assert "This page is a template" in client.get("/terms/").content.decode()
    SitePage.objects.update(is_template=False)
    assert "This page is a template" not in client.get("/terms/").content.decode()


def test_default_text_file_format() -> None:
    text = parse_default_text("title: A: b\nlead: c\ntemplate: yes\n\n<p>d</p>\n\n<p>e</p>\n")
    assert (text.title, text.lead, text.is_template) == ("A: b", "c", True)
    assert text.body == "<p>d</p>\n\n<p>e</p>"

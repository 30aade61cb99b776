"""Tests that rich text is cleaned on every write, and for folding text."""

import pytest
from django.core.exceptions import FieldError
from django.db.models import F, Value
from django.db.models.functions import Concat

from pages.articles.models import Article
from pages.text.fields import fold_text
from tests.factories.pages import make_article, make_category

pytestmark = pytest.mark.django_db
UNSAFE_HTML = "<p>a</p><script>alert(1)</script><img src=x onerror=alert(1)>"


def stored_body(article: Article) -> str:
    return Article.objects.values_list("body", flat=True).get(pk=article.pk)


def test_create_cleans_row_and_object() -> None:
    article = make_article(body=UNSAFE_HTML)
    assert (stored_body(article), article.body) == ("<p>a</p>", "<p>a</p>")


def test_save_cleans() -> None:
    article = make_article()
    article.body = UNSAFE_HTML
    article.save(update_fields=["body"])
    assert stored_body(article) == "<p>a</p>"


def test_update_cleans() -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(body=UNSAFE_HTML)
    assert stored_body(article) == "<p>a</p>"


def test_bulk_create_cleans() -> None:
    rows = [Article(slug="bulk", title="Bulk", body=UNSAFE_HTML, category=make_category())]
    Article.objects.bulk_create(rows)
    assert Article.objects.get(slug="bulk").body == "<p>a</p>"


def test_bulk_update_cleans() -> None:
    article = make_article()
    article.body = UNSAFE_HTML
    Article.objects.bulk_update([article], ["body"])
    assert stored_body(article) == "<p>a</p>"


def test_update_or_create_cleans() -> None:
    article = make_article()
    Article.objects.update_or_create(slug=article.slug, defaults={"body": UNSAFE_HTML})
    assert stored_body(article) == "<p>a</p>"


@pytest.mark.parametrize(
    "expression", [Value(UNSAFE_HTML), F("title"), Concat(F("body"), Value(UNSAFE_HTML))]
)
def test_database_expressions_are_rejected(expression) -> None:
    article = make_article(title=UNSAFE_HTML)
    with pytest.raises(FieldError):
        Article.objects.filter(pk=article.pk).update(body=expression)
    article.body = expression
    with pytest.raises((FieldError, TypeError)):
        article.save()


def test_form_validation_cleans() -> None:
    assert Article._meta.get_field("body").clean(UNSAFE_HTML, None) == "<p>a</p>"


def test_search_text_contains_no_markup() -> None:
    article = make_article(title="Élan", summary="Again", body="<p>A <strong>Café</strong></p>")
    assert article.search_text == " elan again a cafe "


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Élan, again!", "elan again"), ("  ", ""), ("İstanbul ẞ", "istanbul ss"), ("שָׁלוֹם", "שלום")],
)
def test_fold_text_removes_case_accents_and_punctuation(text: str, expected: str) -> None:
    assert fold_text(text) == expected

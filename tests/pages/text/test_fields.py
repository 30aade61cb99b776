"""Rich text is clean whichever way it is written."""

import pytest
from django.core.exceptions import FieldError
from django.db.models import F, Value
from django.db.models.functions import Concat

from pages.articles.models import Article
from pages.text.fields import fold
from tests.factories.pages import make_article, make_category

pytestmark = pytest.mark.django_db
BAD = "<p>a</p><script>alert(1)</script><img src=x onerror=alert(1)>"


def stored(article: Article) -> str:
    return Article.objects.values_list("body", flat=True).get(pk=article.pk)


def test_create_cleans_the_row_and_the_object() -> None:
    article = make_article(body=BAD)
    assert (stored(article), article.body) == ("<p>a</p>", "<p>a</p>")


def test_save_cleans() -> None:
    article = make_article()
    article.body = BAD
    article.save(update_fields=["body"])
    assert stored(article) == "<p>a</p>"


def test_update_cleans() -> None:
    article = make_article()
    Article.objects.filter(pk=article.pk).update(body=BAD)
    assert stored(article) == "<p>a</p>"


def test_bulk_create_cleans() -> None:
    rows = [Article(slug="bulk", title="Bulk", body=BAD, category=make_category())]
    Article.objects.bulk_create(rows)
    assert Article.objects.get(slug="bulk").body == "<p>a</p>"


def test_bulk_update_cleans() -> None:
    article = make_article()
    article.body = BAD
    Article.objects.bulk_update([article], ["body"])
    assert stored(article) == "<p>a</p>"


def test_update_or_create_cleans() -> None:
    article = make_article()
    Article.objects.update_or_create(slug=article.slug, defaults={"body": BAD})
    assert stored(article) == "<p>a</p>"


@pytest.mark.parametrize("expression", [Value(BAD), F("title"), Concat(F("body"), Value(BAD))])
def test_text_computed_by_the_database_is_refused(expression) -> None:
    article = make_article(title=BAD)
    with pytest.raises(FieldError):
        Article.objects.filter(pk=article.pk).update(body=expression)
    article.body = expression
    with pytest.raises((FieldError, TypeError)):
        article.save()


def test_validation_in_a_form_cleans_too() -> None:
    assert Article._meta.get_field("body").clean(BAD, None) == "<p>a</p>"


def test_search_text_holds_words_and_no_markup() -> None:
    article = make_article(title="Élan", summary="Again", body="<p>A <strong>Café</strong></p>")
    assert article.search_text == " elan again a cafe "


@pytest.mark.parametrize(
    ("text", "expected"),
    [("Élan, again!", "elan again"), ("  ", ""), ("İstanbul ẞ", "istanbul ss"), ("שָׁלוֹם", "שלום")],
)
def test_fold_leaves_bare_words(text: str, expected: str) -> None:
    assert fold(text) == expected

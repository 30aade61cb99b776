import pytest
from django.db import connection

from pages.articles.models import Article
from pages.text import reclean
from pages.text.reclean import CleanedText, reclean_if_changed
from tests.factories.pages import make_article

pytestmark = pytest.mark.django_db


def write_past_the_field(article: Article, html: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pages_article SET body = %s WHERE id = %s", [html, article.pk])


def test_texts_are_cleaned_again_when_the_rules_change(monkeypatch) -> None:
    article = make_article()
    write_past_the_field(article, "<p>a</p><script>x</script>")
    reclean_if_changed()
    monkeypatch.setattr(reclean, "CLEANER_VERSION", reclean.CLEANER_VERSION + 1)
    assert reclean_if_changed() == 1
    article.refresh_from_db()
    assert article.body == "<p>a</p>"
    assert CleanedText.objects.get().cleaner_version == reclean.CLEANER_VERSION


def test_nothing_is_read_again_under_the_same_rules() -> None:
    reclean_if_changed()
    article = make_article()
    write_past_the_field(article, "<p>a</p><script>x</script>")
    assert reclean_if_changed() == 0
    article.refresh_from_db()
    assert article.body == "<p>a</p><script>x</script>"

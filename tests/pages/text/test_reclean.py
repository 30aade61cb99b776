"""Tests for cleaning stored text again when the rules change."""

import pytest
from django.db import connection

from pages.articles.models import Article
from pages.text import reclean
from pages.text.reclean import CleanedText, reclean_if_changed
from tests.factories.pages import make_article

pytestmark = pytest.mark.django_db


def write_raw_html(article: Article, html: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE pages_article SET body = %s WHERE id = %s", [html, article.pk])


def test_version_change_recleans_stored_text(monkeypatch) -> None:
    article = make_article()
    write_raw_html(article, "<p>a</p><script>x</script>")
    reclean_if_changed()
    monkeypatch.setattr(reclean, "CLEANER_VERSION", reclean.CLEANER_VERSION + 1)
    assert reclean_if_changed() == 1
    article.refresh_from_db()
    assert article.body == "<p>a</p>"
    assert CleanedText.objects.get().cleaner_version == reclean.CLEANER_VERSION


def test_same_version_skips_recleaning() -> None:
    reclean_if_changed()
    article = make_article()
    write_raw_html(article, "<p>a</p><script>x</script>")
    assert reclean_if_changed() == 0
    article.refresh_from_db()
    assert article.body == "<p>a</p><script>x</script>"

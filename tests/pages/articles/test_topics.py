"""Nested categories, and articles in several categories."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from pages.articles.models import Article, Category
from tests.factories.pages import make_article, make_category

pytestmark = pytest.mark.django_db


def titles(category):
    return sorted(article.title for article in Article.objects.in_category(category))


def test_category_lists_own_descendant_and_secondary_articles_once():
    wide = make_category(name="Walking", slug="walking")
    narrow = make_category(name="Long walks", slug="long-walks", parent=wide)
    other = make_category(name="Rest", slug="rest")
    make_article(title="a", slug="a", category=wide)
    deep = make_article(title="b", slug="b", category=narrow)
    make_article(title="c", slug="c", category=other).more_categories.add(wide, narrow)
    deep.more_categories.add(wide)
    assert titles(wide) == ["a", "b", "c"]
    assert titles(narrow) == ["b", "c"]
    assert titles(other) == ["c"]


def test_category_page_and_feed_list_same_articles(client):
    topic = make_category(name="Walking", slug="walking")
    make_article(title="Elsewhere at home", slug="e").more_categories.add(topic)
    page = client.get(reverse("pages:category_detail", args=["walking"]))
    feed = client.get(reverse("pages:category_feed_rss", args=["walking"]))
    assert "Elsewhere at home" in page.content.decode()
    assert "Elsewhere at home" in feed.content.decode()


def test_circular_categories_terminate_and_fail_validation():
    one = make_category(name="One", slug="one")
    two = make_category(name="Two", slug="two", parent=one)
    one.parent = two
    with pytest.raises(ValidationError):
        one.full_clean()
    one.save()
    assert {row.slug for row in one.with_descendants()} == {"one", "two"}


def test_categories_with_only_drafts_are_not_listed(client):
    public = make_category(name="Walking", slug="walking")
    wide = make_category(name="Moving", slug="moving")
    narrow = make_category(name="Climbing", slug="climbing", parent=wide)
    further = make_category(name="Rest", slug="rest")
    make_category(name="Secret topic", slug="secret")
    make_article(slug="a", category=public).more_categories.add(further)
    make_article(slug="b", category=narrow)
    make_article(slug="c", category=make_category(name="Plans", slug="plans"), status="draft")
    assert sorted(row.slug for row in Category.objects.with_articles()) == [
        "climbing", "moving", "rest", "walking",
    ]  # fmt: skip
    page = client.get(reverse("pages:article_list")).content.decode()
    assert "Climbing" in page
    assert "Plans" not in page
    assert "Secret topic" not in page

"""Categories that belong to wider ones, and articles that stand in several."""

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from pages.articles.models import Article, Category
from tests.factories.pages import make_article, make_category

pytestmark = pytest.mark.django_db


def titles(category):
    return sorted(article.title for article in Article.objects.in_category(category))


def test_a_topic_lists_its_own_those_of_narrower_ones_and_further_ones_once():
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


def test_the_page_and_the_feed_of_a_topic_show_the_same(client):
    topic = make_category(name="Walking", slug="walking")
    make_article(title="Elsewhere at home", slug="e").more_categories.add(topic)
    page = client.get(reverse("pages:category_detail", args=["walking"]))
    feed = client.get(reverse("pages:category_feed_rss", args=["walking"]))
    assert "Elsewhere at home" in page.content.decode()
    assert "Elsewhere at home" in feed.content.decode()


def test_topics_in_a_circle_end_and_are_refused_by_the_form():
    one = make_category(name="One", slug="one")
    two = make_category(name="Two", slug="two", parent=one)
    one.parent = two
    with pytest.raises(ValidationError):
        one.full_clean()
    one.save()
    assert {row.slug for row in one.with_descendants()} == {"one", "two"}


def test_topics_of_drafts_are_not_named(client):
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

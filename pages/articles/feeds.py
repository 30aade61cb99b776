"""RSS and Atom with the full text: the private way to follow a practice."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID, uuid5

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _

from pages.articles.models import Article, Category
from pages.media.models import Picture
from pages.media.rendering import find_picture_ids, render_feed_pictures
from pages.practice.profile import PracticeProfile
from pages.publishing import blocks
from pages.seo.metadata import absolute_url, excerpt
from pages.text.outline import prepare_text

MAX_FEED_ITEMS = 20
ARTICLE_UUID_NAMESPACE = UUID("6f0f8a52-6f0b-4c39-9d8c-5f6f7d3b9c11")  # of our articles, for ever


class FullTextRss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        content = "http://purl.org/rss/1.0/modules/content/"
        return {**super().rss_attributes(), "xmlns:content": content}

    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["full_text"]:
            handler.addQuickElement("content:encoded", item["full_text"])


class FullTextAtom(Atom1Feed):
    def add_item_elements(self, handler: Any, item: dict[str, Any]) -> None:
        super().add_item_elements(handler, item)
        if item["full_text"]:
            handler.addQuickElement("content", item["full_text"], {"type": "html"})


@dataclass(frozen=True)
class FeedSource:
    """What one request is for; the feed object itself is shared by all threads."""

    practice: PracticeProfile
    category: Category | None

    @property
    def is_full(self) -> bool:
        return self.practice.feeds_are_full


class ArticleFeed(Feed):
    """All published articles, or those of one category."""

    feed_type: type[SyndicationFeed] = FullTextRss
    url_name = "feed_rss"

    def get_object(self, request: HttpRequest, slug: str = "") -> FeedSource:
        category = get_object_or_404(Category, slug=slug) if slug else None
        return FeedSource(PracticeProfile.load(), category)

    def title(self, source: FeedSource) -> str:
        name = source.practice.name
        return remove_control_chars(f"{source.category.name} – {name}" if source.category else name)

    def description(self, source: FeedSource) -> str:
        own = source.category.summary if source.category else source.practice.tagline
        return remove_control_chars(own) or _("Articles")

    def link(self, source: FeedSource) -> str:
        if source.category:
            return absolute_url(source.category.get_absolute_url())
        return absolute_url(reverse("pages:article_list"))

    def author_name(self, source: FeedSource) -> str:
        """Atom wants somebody to have written an entry of which nobody is named."""
        return remove_control_chars(source.practice.name)

    def feed_url(self, source: FeedSource) -> str:
        if source.category:
            return absolute_url(
                reverse(f"pages:category_{self.url_name}", args=[source.category.slug])
            )
        return absolute_url(reverse(f"pages:{self.url_name}"))

    def items(self, source: FeedSource) -> Any:
        articles = Article.objects.published(timezone.now()).select_related("category", "author")
        if source.category:
            articles = articles.in_category(source.category)
        found = list(articles[:MAX_FEED_ITEMS])
        pictures = Picture.objects.in_bulk(find_picture_ids(*(article.body for article in found)))
        for article in found:
            # What the other methods are told is the article alone.
            article.full_text = _render_full_text(article, pictures) if source.is_full else ""
        return found

    def item_title(self, item: Any) -> str:
        return remove_control_chars(item.title)

    def item_description(self, item: Any) -> str:
        return remove_control_chars(item.summary) or excerpt(item.body)

    def item_link(self, item: Article) -> str:
        return absolute_url(item.get_absolute_url())

    def item_author_name(self, item: Article) -> str | None:
        is_shown = item.author and item.author.is_published
        return remove_control_chars(item.author.name) if item.author and is_shown else None

    def item_pubdate(self, item: Article) -> datetime | None:
        return item.published_at

    def item_updateddate(self, item: Article) -> datetime:
        return item.lastmod

    def item_categories(self, item: Article) -> list[str]:
        return [remove_control_chars(item.category.name)]

    def item_guid(self, item: Article) -> str:
        """The same when the address of the article or of the site changes."""
        name = f"article {item.pk} {item.created_at.isoformat()}"
        return uuid5(ARTICLE_UUID_NAMESPACE, name).urn

    item_guid_is_permalink = False

    def item_extra_kwargs(self, item: Article) -> dict[str, str]:
        return {"full_text": getattr(item, "full_text", "")}


class ArticleAtomFeed(ArticleFeed):
    feed_type = FullTextAtom
    url_name = "feed_atom"

    def subtitle(self, source: FeedSource) -> str:
        return self.description(source)


def _render_full_text(article: Article, pictures: Mapping[UUID, Picture]) -> str:
    words = blocks.expand_text_blocks(prepare_text(article.body, article.anchors).html)
    text = render_feed_pictures(words, pictures, absolute_url)
    return make_links_absolute(text, absolute_url(article.get_absolute_url()))


def make_links_absolute(html: str, here: str) -> str:
    """Links that begin with a slash or a # mean our page only while they stand on it."""
    html = re.sub(r'href="(/[^"]*)"', lambda match: f'href="{absolute_url(match[1])}"', html)
    return re.sub(r'href="(#[^"]*)"', lambda match: f'href="{here}{match[1]}"', html)


def remove_control_chars(text: str) -> str:
    """Without control characters, which XML cannot carry."""
    return " ".join("".join(char if char.isprintable() else " " for char in text).split())

"""RSS and Atom feeds of articles, with the full text if the practice wants that."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import cast
from uuid import UUID, uuid5

from django.contrib.syndication.views import Feed
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.feedgenerator import Atom1Feed, Rss201rev2Feed, SyndicationFeed
from django.utils.translation import gettext as _
from django.utils.xmlutils import SimplerXMLGenerator

from pages.articles.models import Article, Category
from pages.media.models import Picture
from pages.media.rendering import find_picture_ids, render_feed_pictures
from pages.practice.profile import PracticeProfile
from pages.publishing.models import expand_text_blocks
from pages.seo.metadata import absolute_url, excerpt
from pages.text.outline import prepare_text, single_line

MAX_FEED_ITEMS = 20
# Must never change: the ids of all entries depend on it.
ARTICLE_UUID_NAMESPACE = UUID("6f0f8a52-6f0b-4c39-9d8c-5f6f7d3b9c11")


class FullTextRss(Rss201rev2Feed):
    def rss_attributes(self) -> dict[str, str]:
        content = "http://purl.org/rss/1.0/modules/content/"
        return {**super().rss_attributes(), "xmlns:content": content}

    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        super().add_item_elements(handler, item)
        if item["full_text"]:
            handler.addQuickElement("content:encoded", cast("str", item["full_text"]))


class FullTextAtom(Atom1Feed):
    def add_item_elements(self, handler: SimplerXMLGenerator, item: dict[str, object]) -> None:
        super().add_item_elements(handler, item)
        if item["full_text"]:
            handler.addQuickElement("content", cast("str", item["full_text"]), {"type": "html"})


@dataclass(frozen=True)
class FeedSource:
    """What one request asks for; the Feed instance is shared by all threads."""

    practice: PracticeProfile
    category: Category | None

    @property
    def is_full(self) -> bool:
        return self.practice.feeds_are_full


@dataclass(frozen=True)
class FeedItem:
    article: Article
    full_text: str


class ArticleFeed(Feed):
    """All published articles, or those of one category."""

    feed_type: type[SyndicationFeed] = FullTextRss
    url_name = "feed_rss"

    def get_object(self, request: HttpRequest, slug: str = "") -> FeedSource:
        category = get_object_or_404(Category, slug=slug) if slug else None
        return FeedSource(PracticeProfile.load(), category)

    def title(self, source: FeedSource) -> str:
        name = source.practice.name
        return single_line(f"{source.category.name} – {name}" if source.category else name)

    def description(self, source: FeedSource) -> str:
        own = source.category.summary if source.category else source.practice.tagline
        return single_line(own) or _("Articles")

    def link(self, source: FeedSource) -> str:
        if source.category:
            return absolute_url(source.category.get_absolute_url())
        return absolute_url(reverse("pages:article_list"))

    def author_name(self, source: FeedSource) -> str:
        """Name the practice: Atom requires an author where an entry has none."""
        return single_line(source.practice.name)

    def feed_url(self, source: FeedSource) -> str:
        if source.category:
            return absolute_url(
                reverse(f"pages:category_{self.url_name}", args=[source.category.slug])
            )
        return absolute_url(reverse(f"pages:{self.url_name}"))

    def items(self, source: FeedSource) -> list[FeedItem]:
        articles = Article.objects.published(timezone.now()).select_related("category", "author")
        if source.category:
            articles = articles.in_category(source.category)
        shown = list(articles[:MAX_FEED_ITEMS])
        pictures = Picture.objects.in_bulk(find_picture_ids(*(article.body for article in shown)))
        return [
            FeedItem(article, _render_full_text(article, pictures) if source.is_full else "")
            for article in shown
        ]

    def item_title(self, item: FeedItem) -> str:
        return single_line(item.article.title)

    def item_description(self, item: FeedItem) -> str:
        article = item.article
        return single_line(article.summary) or excerpt(article.body)

    def item_link(self, item: FeedItem) -> str:
        return absolute_url(item.article.get_absolute_url())

    def item_author_name(self, item: FeedItem) -> str | None:
        author = item.article.author
        return single_line(author.name) if author and author.is_published else None

    def item_pubdate(self, item: FeedItem) -> datetime | None:
        return item.article.published_at

    def item_updateddate(self, item: FeedItem) -> datetime:
        return item.article.lastmod

    def item_categories(self, item: FeedItem) -> list[str]:
        return [single_line(item.article.category.name)]

    def item_guid(self, item: FeedItem) -> str:
        """Return an id that stays the same when the URL of the article or of the site changes."""
        name = f"article {item.article.pk} {item.article.created_at.isoformat()}"
        return uuid5(ARTICLE_UUID_NAMESPACE, name).urn

    item_guid_is_permalink = False

    def item_extra_kwargs(self, item: FeedItem) -> dict[str, str]:
        return {"full_text": item.full_text}


class ArticleAtomFeed(ArticleFeed):
    feed_type = FullTextAtom
    url_name = "feed_atom"

    def subtitle(self, source: FeedSource) -> str:
        return self.description(source)


def _render_full_text(article: Article, pictures: Mapping[UUID, Picture]) -> str:
    html = expand_text_blocks(prepare_text(article.body, article.anchors).html)
    text = render_feed_pictures(html, pictures, absolute_url)
    return make_links_absolute(text, absolute_url(article.get_absolute_url()))


def make_links_absolute(html: str, here: str) -> str:
    """Complete links that begin with a slash or a #: a feed reader has another base URL."""
    html = re.sub(r'href="(/[^"]*)"', lambda match: f'href="{absolute_url(match[1])}"', html)
    return re.sub(r'href="(#[^"]*)"', lambda match: f'href="{here}{match[1]}"', html)

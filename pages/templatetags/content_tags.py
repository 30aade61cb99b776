"""Rich text and drawn covers for templates."""

from django import template
from django.utils.safestring import SafeString, mark_safe

from pages import cover_art
from pages.articles.models import Article
from pages.media.rendering import (
    CARD_SIZES,
    COVER_SIZES,
    PORTRAIT_SIZES,
    SMALL_PORTRAIT_SIZES,
    FetchPriority,
    picture_markup,
    render_pictures,
)
from pages.practice.people import Practitioner
from pages.publishing import blocks
from pages.text.outline import PreparedText, prepare_text

register = template.Library()


@register.simple_tag
def drawn_cover(seed: str) -> SafeString:
    """A picture drawn from a seed: the same seed, the same picture."""
    return mark_safe(cover_art.draw_cover(str(seed)).svg)  # noqa: S308 - fixed shapes and numbers only


@register.simple_tag
def article_cover(
    article: Article, place: str = "card", fetch: FetchPriority = "late"
) -> SafeString:
    """The article's photograph, else its drawing. On a card the title says what it is about."""
    if article.cover is None:
        return drawn_cover(article.slug)
    if place == "card":
        return picture_markup(article.cover, sizes=CARD_SIZES, fetch=fetch, alt="")
    return picture_markup(article.cover, sizes=COVER_SIZES, fetch="first")


@register.simple_tag
def portrait(person: Practitioner, size: str = "small") -> SafeString | str:
    """The photograph of a person whose name stands beside it; empty where there is none."""
    if person.portrait is None:
        return ""
    if size == "large":
        return picture_markup(person.portrait, sizes=PORTRAIT_SIZES, fetch="first", alt="")
    return picture_markup(person.portrait, sizes=SMALL_PORTRAIT_SIZES, alt="")


@register.filter
def rich_text(html: str) -> SafeString:
    """Stored rich text as the page prints it, cleaned once more, blocks and pictures in place."""
    return _render_text(prepare_text(html or "").html)


@register.simple_tag
def article_text(article: Article) -> PreparedText:
    """The text of an article with its headings, under the ids readers may have linked to."""
    return prepare_text(article.body, article.anchors)


@register.filter
def render_text(text: PreparedText) -> SafeString:
    return _render_text(text.html)


@register.filter
def block_text(html: str) -> SafeString:
    """The words of a reusable block, which `blocks` has made ready."""
    return mark_safe(html)  # noqa: S308 - out of the cleaner


def _render_text(cleaned: str) -> SafeString:
    return mark_safe(render_pictures(blocks.expand_blocks(cleaned)))  # noqa: S308 - out of the cleaner

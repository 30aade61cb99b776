"""Template tags for rich text, covers and portraits."""

from collections.abc import Iterable
from dataclasses import dataclass

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _

from pages.articles.models import Article
from pages.media.models import Picture
from pages.media.portraits import draw_portrait
from pages.media.rendering import (
    CARD_SIZES,
    COVER_SIZES,
    PORTRAIT_SIZES,
    SMALL_PORTRAIT_SIZES,
    TEXT_SIZES,
    FetchPriority,
    picture_markup,
    render_pictures,
)
from pages.practice.people import Practitioner
from pages.practice.profile import Accepting, PracticeProfile
from pages.publishing.models import expand_blocks
from pages.scenes import draw_cover
from pages.text.outline import PreparedText, prepare_text
from pages.text.references import number_references

register = template.Library()


@register.simple_tag
def drawn_cover(seed: str, scene: str = "") -> SafeString:
    """Draw a picture from a seed, or the scene that somebody chose."""
    return draw_cover(str(seed), scene)


@register.simple_tag
def article_cover(
    article: Article, place: str = "card", fetch: FetchPriority = "late"
) -> SafeString:
    """Show the cover photo, else a drawing; on a card without alt text, as the title is there."""
    if article.cover is None:
        return drawn_cover(article.slug, article.scene)
    if place == "card":
        return picture_markup(article.cover, sizes=CARD_SIZES, fetch=fetch, alt="")
    return picture_markup(article.cover, sizes=COVER_SIZES, fetch="first")


@register.simple_tag
def portrait(person: Practitioner, size: str = "small") -> SafeString:
    """Show a person's photo, else a drawing; without alt text, as the name is beside it."""
    if person.portrait is None:
        return draw_portrait(person.slug, person.name, person.pk or 0)
    if size == "large":
        return picture_markup(person.portrait, sizes=PORTRAIT_SIZES, fetch="first", alt="")
    return picture_markup(person.portrait, sizes=SMALL_PORTRAIT_SIZES, alt="")


@register.simple_tag
def drawn_portrait(person: Practitioner) -> SafeString:
    """Draw a person, also one with a photo: for small faces, which are not worth a request."""
    return draw_portrait(person.slug, person.name, person.pk or 0)


@register.simple_tag
def library_picture(picture: Picture) -> SafeString:
    """Show a picture of the library at the width of running text."""
    return picture_markup(picture, sizes=TEXT_SIZES)


@dataclass(frozen=True)
class PortraitPair:
    """The photos at the top of the home page, and whom they show."""

    pictures: list[SafeString]
    caption: str


@register.simple_tag
def portrait_pair(people: Iterable[Practitioner]) -> PortraitPair:
    """Show the photos of the first two people who have one; none for a practice without photos."""
    shown = [person for person in people if person.portrait is not None][:2]
    names = [person.name for person in shown]
    if len(names) == 2:
        caption = _("%(one)s and %(other)s") % {"one": names[0], "other": names[1]}
    else:
        caption = "".join(names)
    return PortraitPair([portrait(person, "large") for person in shown], caption)


@register.simple_tag
def booking_url(person: Practitioner, practice: PracticeProfile) -> str:
    """Return the address of the times of one person; empty if none can be booked."""
    if not person.is_bookable or practice.accepting != Accepting.ACCEPTING:
        return ""
    return f"{reverse('booking:consultation')}?practitioner={person.slug}"


@register.filter
def rich_text(html: str) -> SafeString:
    """Clean stored rich text again, and add its blocks and pictures."""
    return _render_text(prepare_text(html or "").html)


@register.filter
def reference_list(html: str) -> SafeString:
    """Return the references of an article like `rich_text`, with an anchor for each."""
    return _render_text(number_references(prepare_text(html or "").html))


@register.simple_tag
def article_text(article: Article) -> PreparedText:
    """Prepare the text of an article; its headings keep the ids that links may use."""
    return prepare_text(article.body, article.anchors)


@register.filter
def render_text(text: PreparedText) -> SafeString:
    return _render_text(text.html)


@register.filter
def block_text(html: str) -> SafeString:
    """Mark the text of a reusable block as safe; `blocks` has cleaned it."""
    return mark_safe(html)  # noqa: S308 - cleaned HTML


def _render_text(cleaned: str) -> SafeString:
    return mark_safe(render_pictures(expand_blocks(cleaned)))  # noqa: S308 - cleaned HTML

"""Template tags for the look. They find it themselves, so that `include ... only` does no harm."""

import re
from typing import cast

from django import template
from django.template import Template
from django.template.context import Context
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString, mark_safe

from pages.look.home_sections import HomeSection
from pages.look.models import Look
from pages.media.rendering import picture_markup
from pages.practice.profile import Accepting
from pages.scenes import SCENES, draw_scene

register = template.Library()

# The first heading of a section, whatever its template makes of it.
HOME_PICTURE_SIZES = "(min-width: 46rem) 26rem, calc(100vw - 2rem)"
TITLE_PATTERN = re.compile(r"(<h2\b[^>]*>).*?(</h2>)", re.DOTALL)


@register.inclusion_tag("pages/look/head.html")
def look_head() -> dict[str, object]:
    """Show fonts, stylesheets and icons in the head of a page."""
    return {"look": Look.load()}


@register.inclusion_tag("pages/look/site_mark.html")
def site_mark(name: str) -> dict[str, object]:
    """Show the logo, or the drawn mark, and the name of the practice."""
    look = Look.load()
    return {
        "name": name,
        "logo": look.logo_image if look.shows_logo else None,
        "dark_logo": look.dark_logo_image,
        "shows_mark": look.shows_logo,
        "shows_name": look.shows_name,
    }


@register.simple_tag
def header_call(usual: str) -> str:
    """Return the practice's own words for the button of the header, or the usual ones.

    Its own words invite to a call, so they stand there only while it accepts new clients.
    """
    look = Look.load()
    is_open = look.profile.accepting == Accepting.ACCEPTING
    return look.call_words if look.call_words and is_open else usual


@register.simple_tag
def home_art() -> SafeString | str:
    """Show the photo or the scene that the practice chose for its home page, if it chose one."""
    look = Look.load()
    if look.home_picture is not None:
        return picture_markup(look.home_picture, sizes=HOME_PICTURE_SIZES, fetch="first")
    return draw_scene(look.home_scene) if look.home_scene in SCENES else ""


@register.simple_tag
def scene(key: str) -> SafeString | str:
    """Draw a scene."""
    return draw_scene(key) if key in SCENES else ""


@register.simple_tag(takes_context=True)
def home_sections(context: Context) -> SafeString:
    """Show the sections of the home page in the practice's order and under its own titles."""
    look = Look.load()
    shown = look.shown_sections
    html = "".join(_render_section(context, section) for section in shown)
    if not shown or shown[0].kind.place != "first":
        # Without its welcome the page would have no heading of the first level.
        html = format_html('<h1 class="visually-hidden">{}</h1>', look.profile.name) + html
    html = f'<div class="home">{html}</div>'
    return mark_safe(html)  # noqa: S308 - our templates, and an escaped title


def _render_section(context: Context, section: HomeSection) -> str:
    # A context that renders a template tag has a template.
    engine = cast("Template", context.template).engine
    with context.push():
        html = engine.get_template(section.template).render(context)
    return _replace_title(html, section.title) if section.title else html


def _replace_title(html: str, title: str) -> str:
    return TITLE_PATTERN.sub(lambda found: found[1] + escape(title) + found[2], html, count=1)

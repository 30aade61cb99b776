"""Template tags for the look. They find it themselves, so that `include ... only` does no harm."""

import re

from django import template
from django.template.context import Context
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext

from pages.look.models import Look

register = template.Library()

# The first heading of a section, whatever its template makes of it.
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
def header_call() -> str:
    """Return the words on the button of the header."""
    return Look.load().call_words or gettext("Free consultation")


@register.simple_tag(takes_context=True)
def home_sections(context: Context) -> SafeString:
    """Show the sections of the home page in the practice's order and under its own titles."""
    parts = []
    for section in Look.load().shown_sections:
        template_ = context.template.engine.get_template(section.template)  # type: ignore[union-attr]
        with context.push():
            html = template_.render(context)
        if section.title:
            html = _replace_title(html, section.title)
        parts.append(html)
    return mark_safe("".join(parts))  # noqa: S308 - our templates, and an escaped title


def _replace_title(html: str, title: str) -> str:
    return TITLE_PATTERN.sub(lambda found: found[1] + escape(title) + found[2], html, count=1)

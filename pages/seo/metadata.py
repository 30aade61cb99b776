"""What a page tells search engines and those who share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.urls import reverse
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pages.practice.profile import PracticeProfile
from pages.seo.structured_data import render_json_ld
from pages.text.outline import plain_text

MAX_DESCRIPTION_CHARS = 200


@dataclass(frozen=True)
class Metadata:
    title: str
    description: str
    canonical: str
    robots: str = ""
    kind: str = "website"
    site_name: str = ""
    image: str = ""
    image_alt: str = ""
    locale: str = ""
    published_at: datetime | None = None
    updated_at: datetime | None = None
    json_ld: str = ""


def absolute_url(path: str) -> str:
    """Under SITE_URL; the host a request names is a stranger's word."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def build_metadata(
    practice: PracticeProfile,
    *,
    title: str,
    path: str,
    description: str = "",
    is_indexed: bool = True,
    kind: str = "website",
    published_at: datetime | None = None,
    updated_at: datetime | None = None,
    image: str = "",
    text: str = "",
    graph: Sequence[dict[str, Any]] = (),
) -> Metadata:
    """Without a description the text of the page has the word, in rich text or plain; without
    that too, what the page is called."""
    full = f"{title} – {practice.name}" if title and title != practice.name else practice.name
    words = (
        collapse_whitespace(description) or excerpt(text) or _fallback_description(title, practice)
    )
    return Metadata(
        title=full,
        description=Truncator(words).chars(MAX_DESCRIPTION_CHARS),
        image=absolute_url(image or reverse("pages:share_image")),
        image_alt=title or practice.name,
        locale=get_language() or settings.LANGUAGE_CODE,
        canonical=absolute_url(path),
        robots="" if is_indexed else "noindex",
        kind=kind,
        site_name=practice.name,
        published_at=published_at,
        updated_at=updated_at,
        json_ld=render_json_ld(graph) if graph else "",
    )


def title_with_page_number(title: str, page: int) -> str:
    """The second page of a list is not the first: neither may bear the other's name."""
    return title if page == 1 else _("%(title)s, page %(page)d") % {"title": title, "page": page}


def excerpt(html: str) -> str:
    return Truncator(plain_text(html)).chars(MAX_DESCRIPTION_CHARS)


def collapse_whitespace(text: str) -> str:
    return " ".join(text.split())


def _fallback_description(title: str, practice: PracticeProfile) -> str:
    said = collapse_whitespace(practice.tagline) or practice.name
    return f"{title}. {said}" if title and title != practice.name else said

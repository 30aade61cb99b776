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
from pages.seo.structured_data import as_json_ld
from pages.text.outline import plain_text

DESCRIPTION_LENGTH = 200


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


def absolute(path: str) -> str:
    """Under SITE_URL; the host a request names is a stranger's word."""
    return f"{settings.SITE_URL}{path}" if path.startswith("/") else path


def describe(
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
    words = one_line(description) or excerpt(text) or _about(title, practice)
    return Metadata(
        title=full,
        description=Truncator(words).chars(DESCRIPTION_LENGTH),
        image=absolute(image or reverse("pages:share_image")),
        image_alt=title or practice.name,
        locale=get_language() or settings.LANGUAGE_CODE,
        canonical=absolute(path),
        robots="" if is_indexed else "noindex",
        kind=kind,
        site_name=practice.name,
        published_at=published_at,
        updated_at=updated_at,
        json_ld=as_json_ld(graph) if graph else "",
    )


def numbered(title: str, page: int) -> str:
    """The second page of a list is not the first: neither may bear the other's name."""
    return title if page == 1 else _("%(title)s, page %(page)d") % {"title": title, "page": page}


def excerpt(html: str) -> str:
    return Truncator(plain_text(html)).chars(DESCRIPTION_LENGTH)


def one_line(text: str) -> str:
    return " ".join(text.split())


def _about(title: str, practice: PracticeProfile) -> str:
    said = one_line(practice.tagline) or practice.name
    return f"{title}. {said}" if title and title != practice.name else said

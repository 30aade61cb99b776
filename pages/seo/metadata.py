"""What a page tells search engines and those who share it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.utils.text import Truncator

from pages.practice.profile import PracticeProfile
from pages.seo.structured_data import as_json_ld

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
    graph: Sequence[dict[str, Any]] = (),
) -> Metadata:
    full = f"{title} – {practice.name}" if title and title != practice.name else practice.name
    return Metadata(
        title=full,
        description=Truncator(" ".join(description.split())).chars(DESCRIPTION_LENGTH),
        canonical=absolute(path),
        robots="" if is_indexed else "noindex",
        kind=kind,
        site_name=practice.name,
        published_at=published_at,
        updated_at=updated_at,
        json_ld=as_json_ld(graph) if graph else "",
    )

"""Metadata of a page: title, description, canonical URL, and structured data (JSON-LD)."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.urls import reverse
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import Truncator
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from pages.practice.models import (
    Fee,
    FrequentQuestion,
    Licence,
    OpeningHours,
    Practitioner,
    Service,
)
from pages.practice.offers import format_money
from pages.practice.profile import Accepting, PracticeProfile
from pages.text.outline import collapse_whitespace, plain_text

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
    """Complete a path with SITE_URL; the host of a request cannot be trusted."""
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
    graph: Sequence[dict[str, object]] = (),
) -> Metadata:
    """Build the metadata of a page.

    The description falls back to the beginning of `text` (HTML or plain), then to the title.
    `path` and `image` are paths on this site; `graph` are JSON-LD entities.
    """
    full = f"{title} – {practice.name}" if title and title != practice.name else practice.name
    summary = (
        collapse_whitespace(description) or excerpt(text) or _fallback_description(title, practice)
    )
    return Metadata(
        title=full,
        description=Truncator(summary).chars(MAX_DESCRIPTION_CHARS),
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
    """Add the page number, as pages of a list must not share a title."""
    return title if page == 1 else _("%(title)s, page %(page)d") % {"title": title, "page": page}


def excerpt(html: str) -> str:
    """Return the beginning of a text as plain text."""
    return Truncator(plain_text(html)).chars(MAX_DESCRIPTION_CHARS)


def _fallback_description(title: str, practice: PracticeProfile) -> str:
    text = collapse_whitespace(practice.tagline) or practice.name
    return f"{title}. {text}" if title and title != practice.name else text


# --- JSON-LD. Never ratings: the codes of ethics forbid asking clients for them. ---

Entity = dict[str, object]
# `</script>` in a title would end the block, and U+2028 is a line end to older scripts.
JSON_ESCAPES = {ord(char): f"\\u{ord(char):04X}" for char in "<>&\u2028\u2029"}
WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def render_json_ld(entities: Sequence[Entity]) -> SafeString:
    """Return entities as JSON-LD that is safe inside a script element."""
    graph = {
        "@context": "https://schema.org",
        "@graph": [_drop_empty(entity) for entity in entities],
    }
    text = json.dumps(graph, ensure_ascii=False, separators=(",", ":"))
    return mark_safe(text.translate(JSON_ESCAPES))  # noqa: S308 - escaped for a script block above


def practice_reference() -> Entity:
    return {"@id": f"{settings.SITE_URL}/#practice"}


def practice_entity(
    practice: PracticeProfile,
    hours: Iterable[OpeningHours] | None = None,
    *,
    fees: Sequence[Fee] = (),
    licences: Iterable[Licence] = (),
) -> Entity:
    """Describe the practice; the pages about it pass its hours, and add its other sites.

    A health care provider also tells whether it accepts new clients; the home and the fees page
    tell what it offers at which price, and the home page where its licenses are valid.
    """
    is_complete = hours is not None and practice.pk is not None
    is_provider = is_complete and practice.covered_entity
    return {
        "@type": "ProfessionalService",
        "additionalType": "https://schema.org/MedicalOrganization" if is_provider else "",
        **practice_reference(),
        "name": practice.name,
        "url": f"{settings.SITE_URL}/",
        "description": practice.tagline,
        "image": f"{settings.SITE_URL}/share.png",
        "telephone": practice.phone,
        "email": practice.email,
        "address": _address_entity(practice),
        "areaServed": _areas(practice, licences),
        "currenciesAccepted": practice.currency,
        "priceRange": _price_range(fees, practice.currency),
        "makesOffer": [
            offer_entity(fee, practice) for fee in fees if fee.service or not fee.amount
        ],
        "isAcceptingNewPatients": practice.accepting == Accepting.ACCEPTING
        if is_provider
        else None,
        "openingHoursSpecification": [_hours_entity(row) for row in hours or ()],
        "sameAs": [link.url for link in practice.social_links.all()] if is_complete else [],
    }


def person_entity(person: Practitioner, licences: Iterable[Licence] = ()) -> Entity:
    url = f"{settings.SITE_URL}{person.get_absolute_url()}"
    return {
        "@type": "Person",
        "@id": f"{url}#person",
        "name": person.name,
        "url": url,
        "jobTitle": person.role,
        "honorificSuffix": person.credentials,
        "description": collapse_whitespace(person.intro),
        "image": f"{settings.SITE_URL}{person.portrait.first_url}" if person.portrait else "",
        "knowsAbout": [*person.lines("specialties"), *person.lines("methods")],
        "knowsLanguage": person.lines("languages"),
        "worksFor": practice_reference(),
        "hasCredential": [_credential_entity(licence) for licence in licences],
    }


AVAILABILITY = {
    Accepting.ACCEPTING: "https://schema.org/InStock",
    Accepting.WAITLIST: "https://schema.org/BackOrder",
    Accepting.CLOSED: "https://schema.org/SoldOut",
}


def offer_entity(fee: Fee, practice: PracticeProfile) -> Entity:
    """Describe a fee, and whether the service it belongs to takes clients."""
    service = fee.service
    status = service.status(practice) if service else practice.accepting
    price: Entity = {"price": f"{fee.amount:.2f}", "priceCurrency": practice.currency}
    if fee.from_amount < fee.amount:
        price = {
            "priceSpecification": {
                "@type": "PriceSpecification",
                "minPrice": f"{fee.from_amount:.2f}",
                "maxPrice": f"{fee.amount:.2f}",
                "priceCurrency": practice.currency,
            }
        }
    item: Entity = {"@type": "Service", "name": service.title if service else fee.label}
    if service:
        item["url"] = f"{settings.SITE_URL}{service.get_absolute_url()}"
    return {
        "@type": "Offer",
        "name": fee.label,
        **price,
        "availability": AVAILABILITY[Accepting(status)],
        "itemOffered": item,
    }


def service_entity(service: Service, practice: PracticeProfile, fees: Sequence[Fee]) -> Entity:
    return {
        "@type": "Service",
        "name": service.title,
        "description": collapse_whitespace(service.summary),
        "url": f"{settings.SITE_URL}{service.get_absolute_url()}",
        "areaServed": practice.area_served,
        "provider": {"@type": "ProfessionalService", **practice_reference(), "name": practice.name},
        "offers": [offer_entity(fee, practice) for fee in fees],
    }


def questions_entity(questions: Iterable[FrequentQuestion]) -> Entity:
    return {
        "@type": "FAQPage",
        "mainEntity": [
            {
                "@type": "Question",
                "name": question.question,
                "acceptedAnswer": {"@type": "Answer", "text": plain_text(question.answer)},
            }
            for question in questions
        ],
    }


def breadcrumb_entity(items: Sequence[tuple[str, str]]) -> Entity:
    """Describe breadcrumbs of `(label, path)`; the last is the page itself, its path optional."""
    return {
        "@type": "BreadcrumbList",
        "itemListElement": [
            {
                "@type": "ListItem",
                "position": position,
                "name": str(label),
                "item": f"{settings.SITE_URL}{path}" if path else "",
            }
            for position, (label, path) in enumerate(items, start=1)
        ],
    }


def _address_entity(practice: PracticeProfile) -> Entity | str:
    lines = practice.address_lines
    if not lines:
        return {"@type": "PostalAddress", "addressCountry": practice.country}
    return {
        "@type": "PostalAddress",
        "streetAddress": ", ".join(lines),
        "addressCountry": practice.country,
    }


def _areas(practice: PracticeProfile, licences: Iterable[Licence]) -> list[object] | str:
    """Return the places in which licenses are valid; the practice's own words without any."""
    names = dict.fromkeys(licence.jurisdiction for licence in licences)
    places: list[object] = [{"@type": "AdministrativeArea", "name": name} for name in names]
    return places or practice.area_served


def _price_range(fees: Iterable[Fee], currency: str) -> str:
    paid = [fee for fee in fees if fee.amount and fee.service_id]
    if not paid:
        return ""
    low, high = min(fee.from_amount for fee in paid), max(fee.amount for fee in paid)
    ends = [format_money(amount, currency) for amount in dict.fromkeys((low, high))]
    return "–".join(ends)


def _hours_entity(row: OpeningHours) -> Entity:
    return {
        "@type": "OpeningHoursSpecification",
        "dayOfWeek": f"https://schema.org/{WEEKDAYS[row.weekday]}",
        "opens": f"{row.opens_at:%H:%M}",
        "closes": f"{row.closes_at:%H:%M}",
    }


def _credential_entity(licence: Licence) -> Entity:
    return {
        "@type": "EducationalOccupationalCredential",
        "credentialCategory": "license",
        "name": licence.title,
        "identifier": licence.number,
        "url": licence.register_url,
        "recognizedBy": {"@type": "Organization", "name": licence.board} if licence.board else "",
    }


def _drop_empty(value: object) -> object:
    """Remove empty values, at any depth."""
    if isinstance(value, dict):
        inner = {key: _drop_empty(item) for key, item in value.items()}
        return {key: item for key, item in inner.items() if item not in ("", [], {}, None)}
    if isinstance(value, list):
        return [_drop_empty(item) for item in value]
    return value

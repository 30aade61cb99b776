"""Old addresses of lists, feeds, people and pictures. Those of texts are in `addresses`."""

from collections.abc import Iterator, Mapping

from django.urls import reverse

from pages.practice.people import Practitioner
from pages.wordpress import reading
from pages.wordpress.addresses import Addresses, own_path

FILES = (".jpg", ".jpeg", ".png", ".gif", ".webp", ".pdf")


def of_lists(addresses: Addresses) -> Iterator[tuple[str, str]]:
    """Feeds, and the archives of years and months in which something public was written."""
    base = addresses.survey.base_path
    if base:
        yield f"{base}/", reverse("pages:home")
    feed = reverse("pages:feed_rss")
    for path in ("feed", "feed/rss", "feed/rss2", "rss", "rss2"):
        yield f"{base}/{path}/", feed
    yield "/?feed=rss2", feed
    yield f"{base}/feed/atom/", reverse("pages:feed_atom")
    months = {
        known.day[:7]
        for known in addresses.survey.items.values()
        if known.kind == "article" and known.state == reading.PUBLIC and reading.is_day(known.day)
    }
    for month in sorted(months):
        year, _dash, number = month.partition("-")
        new = reverse("pages:article_year", args=[int(year)])
        yield f"{base}/{year}/", new
        yield f"{base}/{year}/{number}/", new
        yield f"/?m={year}{number}", new


def of_people(
    addresses: Addresses, people: Mapping[str, Practitioner | None]
) -> Iterator[tuple[str, str]]:
    """The list of somebody's articles: to who they are, or to all articles."""
    for login, person in people.items():
        is_shown = person is not None and person.is_published
        new = person.get_absolute_url() if person and is_shown else reverse("pages:article_list")
        yield f"{addresses.survey.base_path}/author/{login.lower().replace(' ', '-')}/", new


def of_pictures(addresses: Addresses) -> Iterator[tuple[str, str]]:
    """WordPress gave every picture a page: to the text it was uploaded to, when that is public."""
    survey = addresses.survey
    for number, picture in survey.attachments.items():
        known = survey.items.get(picture.parent)
        if known is None or known.state != reading.PUBLIC:
            continue
        new = addresses.paths[known.id]
        yield f"/?attachment_id={number}", new
        path = own_path(survey.attachment_links.get(number, ""), survey.own_hosts)
        if path and not path.lower().endswith(FILES):
            yield path, new

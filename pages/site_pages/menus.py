"""The menus of header and footer: the practice's own links, else the default ones."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import groupby
from typing import Any

from django.core.exceptions import ValidationError
from django.core.validators import URLValidator
from django.db import models
from django.http import HttpRequest
from django.urls import reverse
from django.utils.functional import SimpleLazyObject
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.caching import once_per_request
from pages.practice.profile import PracticeProfile
from pages.publishing.redirects import is_local_path
from pages.site_pages.models import FreePage, PageKey, is_offered, is_preview, page_url


class MenuPlace(models.TextChoices):
    HEADER = "header", _("Header")
    FOOTER = "footer", _("Footer")


# Pages without a text to edit.
EXTRA_PAGES = {
    "home": ("pages:home", _("Home")),
    "articles": ("pages:article_list", _("Articles")),
    "what-we-collect": ("data_rights:what_we_collect", _("What we collect")),
    "search": ("pages:search", _("Search")),
    "rss": ("pages:feed_rss", _("RSS feed")),
}
PAGE_CHOICES = [*PageKey.choices, *((key, label) for key, (_name, label) in EXTRA_PAGES.items())]
DEFAULT_MENUS = {
    MenuPlace.HEADER: ("about", "services", "fees", "articles", "contact"),
    MenuPlace.FOOTER: (
        "crisis", "privacy", "what-we-collect", "notice-of-privacy-practices",
        "good-faith-estimate", "imprint", "accessibility", "terms", "comment-policy", "search",
        "rss",
    ),
}  # fmt: skip
# Added to a custom footer: the law, or a person in a crisis, may need them.
REQUIRED_FOOTER_PAGES = (
    "crisis",
    "privacy",
    "notice-of-privacy-practices",
    "good-faith-estimate",
    "imprint",
)


@dataclass(frozen=True)
class MenuLink:
    label: str
    url: str

    @property
    def is_external(self) -> bool:
        return not self.url.startswith("/")


@dataclass
class MenuGroup:
    heading: str
    links: list[MenuLink] = field(default_factory=list)


class MenuEntry(models.Model):
    """A link of header or footer, with exactly one of four kinds of target."""

    place = models.CharField(_("place"), max_length=10, choices=MenuPlace.choices)
    heading = models.CharField(
        _("footer heading"),
        max_length=60,
        blank=True,
        help_text=_("Links with the same heading stand together in the footer."),
    )
    label = models.CharField(
        _("words"), max_length=60, blank=True, help_text=_("Left empty, the title of the page.")
    )
    page = models.CharField(_("page"), max_length=40, choices=PAGE_CHOICES, blank=True)
    free_page = models.ForeignKey(
        FreePage, verbose_name=_("free page"), on_delete=models.CASCADE, null=True, blank=True
    )
    category = models.ForeignKey(
        "pages.Category",
        verbose_name=_("category"),
        on_delete=models.CASCADE,
        null=True,
        blank=True,
    )
    address = models.CharField(
        _("other address"),
        max_length=300,
        blank=True,
        help_text=_("From the slash on this site, or beginning with https:// elsewhere."),
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("menu entry")
        verbose_name_plural = _("menus")
        ordering = ["place", "order", "pk"]

    def __str__(self) -> str:
        return self.label or self.default_label()

    def clean(self) -> None:
        chosen = [self.page, self.free_page_id, self.category_id, self.address]
        if sum(1 for target in chosen if target) != 1:
            raise ValidationError(_("Choose one thing to link to: a page, a topic or an address."))
        if self.address and not (is_local_path(self.address) or _is_web_url(self.address)):
            raise ValidationError(
                {"address": _("Begin with a slash, or with https:// for another site.")}
            )
        if self.address and not self.label:
            raise ValidationError({"label": _("Say in words where this address leads.")})

    def default_label(self) -> str:
        if self.free_page:
            return self.free_page.title
        if self.category:
            return str(self.category)
        return str(dict(PAGE_CHOICES).get(self.page, self.address))

    def url(self) -> str:
        """Return the URL of the target; empty if it is not public."""
        if self.free_page:
            return self.free_page.get_absolute_url() if self.free_page.is_public() else ""
        if self.category:
            return self.category.get_absolute_url()
        return _menu_page_url(self.page) if self.page else self.address


def menu_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor; lazy, so that a response without header and footer makes no query."""
    return {
        "site_nav": SimpleLazyObject(
            lambda: header_links(_load_entries(), PracticeProfile.load(), request.path)
        ),
        "footer_groups": SimpleLazyObject(
            lambda: footer_groups(_load_entries(), PracticeProfile.load())
        ),
        "is_preview": is_preview(),
    }


@once_per_request
def _load_entries() -> list[MenuEntry]:
    return list(MenuEntry.objects.select_related("free_page", "category"))


def header_links(
    entries: Iterable[MenuEntry], practice: PracticeProfile, path: str
) -> list[tuple[str, str, bool]]:
    """Return label, URL and whether it is current; it also is on a page below it."""
    links = _entry_links(_entries_at(entries, MenuPlace.HEADER), practice) or _default_links(
        MenuPlace.HEADER, practice
    )
    return [(link.label, link.url, _is_current(link.url, path)) for link in links]


def footer_groups(entries: Iterable[MenuEntry], practice: PracticeProfile) -> list[MenuGroup]:
    """Return groups in the order of their first link; the one without a heading comes last."""
    own = _entries_at(entries, MenuPlace.FOOTER)
    if not own:
        return [MenuGroup("", _default_links(MenuPlace.FOOTER, practice))]
    by_heading: dict[str, list[MenuEntry]] = {"": []}
    for heading, group in groupby(own, key=lambda entry: entry.heading):
        by_heading.setdefault(heading, []).extend(group)
    rest = _entry_links(by_heading.pop(""), practice)
    groups = [
        MenuGroup(heading, _entry_links(rows, practice)) for heading, rows in by_heading.items()
    ]
    seen = {link.url for group in groups for link in group.links} | {link.url for link in rest}
    needed = [_default_link(key) for key in REQUIRED_FOOTER_PAGES if is_offered(key, practice)]
    last = MenuGroup("", rest + [link for link in needed if link.url not in seen])
    return [group for group in (*groups, last) if group.links]


def copy_default_menu(place: str) -> None:
    """Create rows for the default links of a menu, unless it has rows."""
    if not MenuEntry.objects.filter(place=place).exists():
        MenuEntry.objects.bulk_create(
            MenuEntry(place=place, page=key, order=10 * number)
            for number, key in enumerate(DEFAULT_MENUS[MenuPlace(place)], start=1)
        )


def _entries_at(entries: Iterable[MenuEntry], place: str) -> list[MenuEntry]:
    return [entry for entry in entries if entry.place == place]


def _entry_links(entries: Iterable[MenuEntry], practice: PracticeProfile) -> list[MenuLink]:
    pairs = ((str(entry), entry.url()) for entry in entries if is_offered(entry.page, practice))
    return [MenuLink(label, url) for label, url in pairs if url]


def _default_links(place: MenuPlace, practice: PracticeProfile) -> list[MenuLink]:
    return [_default_link(key) for key in DEFAULT_MENUS[place] if is_offered(key, practice)]


def _default_link(key: str) -> MenuLink:
    label = EXTRA_PAGES[key][1] if key in EXTRA_PAGES else PageKey(key).label
    return MenuLink(gettext(str(label)), _menu_page_url(key))


def _menu_page_url(key: str) -> str:
    return reverse(EXTRA_PAGES[key][0]) if key in EXTRA_PAGES else page_url(key)


def _is_current(url: str, path: str) -> bool:
    return path == url if url == "/" else path.startswith(url.partition("#")[0].partition("?")[0])


def _is_web_url(address: str) -> bool:
    try:
        URLValidator(schemes=["http", "https"])(address)
    except ValidationError:
        return False
    return True

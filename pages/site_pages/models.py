"""Fixed pages with their default texts, and free pages of the practice's own."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Self, Unpack, cast

from django.core.exceptions import ValidationError
from django.db import models, transaction
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.practice.profile import PracticeProfile
from pages.publishing.models import Publishable, PublishableQuerySet, Reviewable, ReviewableQuerySet
from pages.publishing.redirects import add_redirect
from pages.site_pages import addresses
from pages.site_pages.addresses import PagePathConverter
from pages.text.fields import CleanHTMLField, FoldedTextField
from pages.text.search_mixin import SaveOptions, Searchable

# Set while a preview is rendered. Its page, if it shows a SitePage, replaces the stored one.
_preview: ContextVar["_Preview | None"] = ContextVar("preview", default=None)


class PageKey(models.TextChoices):
    ABOUT = "about", _("About")
    SERVICES = "services", _("Services")
    FEES = "fees", _("Fees")
    WHAT_TO_EXPECT = "what-to-expect", _("What to expect")
    FAQ = "faq", _("Questions people ask")
    CONTACT = "contact", _("Contact")
    CRISIS = "crisis", _("Get help now")
    PRIVACY = "privacy", _("Privacy")
    ACCESSIBILITY = "accessibility", _("Accessibility")
    TERMS = "terms", _("Terms")
    COMMENT_POLICY = "comment-policy", _("Comment policy")
    NOTICE_OF_PRIVACY_PRACTICES = (
        "notice-of-privacy-practices",
        _("Notice of Privacy Practices"),
    )
    GOOD_FAITH_ESTIMATE = "good-faith-estimate", _("Good Faith Estimate")
    IMPRINT = "imprint", _("Imprint")
    CONSULTATION = "consultation", _("Free consultation")


class SitePage(Searchable, Reviewable):
    """The text of a fixed page; without a row, the default text is shown."""

    key = models.CharField(_("page"), max_length=40, unique=True, choices=PageKey.choices)
    title = models.CharField(_("title"), max_length=120)
    lead = models.TextField(_("lead"), blank=True)
    body = CleanHTMLField(
        _("text"),
        blank=True,
        help_text=_("Names in braces, like {practice_name}, are filled in from your settings."),
    )
    is_template = models.BooleanField(
        _("mark as a template"),
        default=False,
        help_text=_("Shows that a lawyer has not checked this page yet."),
    )
    updated_on = models.DateField(_("date shown"), null=True, blank=True)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    searched_fields = frozenset({"title", "lead", "body"})
    objects = ReviewableQuerySet.as_manager()

    class Meta:
        verbose_name = _("page")
        verbose_name_plural = _("pages")
        ordering = ["key"]

    def __str__(self) -> str:
        return self.get_key_display()

    def get_absolute_url(self) -> str:
        return page_url(self.key)

    @classmethod
    def load(cls, key: str) -> Self:
        """Return the previewed page, else the stored text, else the default."""
        preview = _preview.get()
        if preview is not None and preview.page is not None and preview.page.key == key:
            return cast("Self", preview.page)
        return cls.objects.filter(key=key).first() or cls.default_for(key)

    @classmethod
    def default_for(cls, key: str) -> Self:
        """Return an unsaved page with the default text."""
        text = load_default_text(key)
        return cls(
            key=key,
            title=text.title or str(PageKey(key).label),
            lead=text.lead,
            body=text.body,
            is_template=text.is_template,
            updated_on=text.updated_on or date(2026, 11, 1),
        )

    @classmethod
    def all_pages(cls) -> list[Self]:
        """Return every fixed page, stored or default, in the order of the keys."""
        stored = {page.key: page for page in cls.objects.all()}
        return [stored.get(key) or cls.default_for(key) for key in PageKey.values]


@dataclass(frozen=True)
class _Preview:
    page: SitePage | None


@contextmanager
def preview_mode(page: SitePage | None = None) -> Iterator[None]:
    """Mark what is rendered as a preview; `SitePage.load()` returns `page` for its key."""
    token = _preview.set(_Preview(page))
    try:
        yield
    finally:
        _preview.reset(token)


def is_preview() -> bool:
    """Return whether a preview is being rendered."""
    return _preview.get() is not None


def page_url(key: str) -> str:
    """Return the URL of a fixed page."""
    if key == PageKey.CONSULTATION:
        return reverse("booking:consultation")
    name = {PageKey.SERVICES.value: "service_list"}.get(key, key.replace("-", "_"))
    return reverse(f"pages:{name}")


def is_offered(key: str, practice: PracticeProfile) -> bool:
    """Return False for legal notices that do not apply to this practice."""
    switches = {
        PageKey.NOTICE_OF_PRIVACY_PRACTICES.value: practice.covered_entity,
        PageKey.GOOD_FAITH_ESTIMATE.value: practice.shows_good_faith_estimate,
        PageKey.IMPRINT.value: practice.has_imprint,
    }
    return switches.get(key, True)


class FreePage(Publishable):
    """A page of the practice's own, at `/<slug>/` or below another free page."""

    title = models.CharField(_("title"), max_length=255)
    slug = models.SlugField(_("address"), max_length=120)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("below the page"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="children",
    )
    # The whole path, like `parents/first-call`: one query finds a page at any depth.
    path = models.CharField(
        _("whole address"), max_length=addresses.MAX_PATH_CHARS, unique=True, editable=False
    )
    lead = models.TextField(_("lead"), blank=True)
    body = CleanHTMLField(_("text"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)
    updated_on = models.DateField(_("date shown"), null=True, blank=True)
    search_text = FoldedTextField(sources=("title", "lead", "body"))

    searched_fields = frozenset({"title", "lead", "body", "status", "published_at"})

    objects = PublishableQuerySet.as_manager()

    class Meta:
        verbose_name = _("free page")
        verbose_name_plural = _("free pages")
        ordering = ["order", "title"]

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("pages:free_page", args=[self.path])

    def clean(self) -> None:
        if self.parent and self._is_ancestor_of(self.parent):
            raise ValidationError({"parent": _("A page cannot lie below itself.")})
        path = self._full_path()
        addresses.validate_path_available(path)
        if FreePage.objects.filter(path=path).exclude(pk=self.pk).exists():
            raise ValidationError(
                {"slug": _("Another page already has this address. Choose other words.")}
            )

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        before, self.path = self.path, self._full_path()
        fields = kwargs.get("update_fields")
        if fields is not None:
            names = {*fields, "path"}
            kwargs["update_fields"] = (
                names | {"search_text"} if names & {"title", "lead", "body"} else names
            )
        with transaction.atomic():
            super().save(*args, **kwargs)
            if before and before != self.path:
                self._move_descendants(before)

    def _full_path(self) -> str:
        slug = self.slug.lower()
        return f"{self.parent.path}/{slug}" if self.parent else slug

    def _is_ancestor_of(self, page: "FreePage") -> bool:
        return bool(self.path) and f"{page.path}/".startswith(f"{self.path}/")

    def _move_descendants(self, before: str) -> None:
        for page in FreePage.objects.filter(path__startswith=f"{before}/"):
            old, page.path = page.get_absolute_url(), self.path + page.path[len(before) :]
            FreePage.objects.filter(pk=page.pk).update(path=page.path)
            if page.is_public():
                add_redirect(old, page.get_absolute_url())


DEFAULTS_DIR = Path(__file__).parent / "defaults"


@dataclass(frozen=True)
class DefaultPageText:
    title: str = ""
    lead: str = ""
    body: str = ""
    is_template: bool = False
    updated_on: date | None = None


@cache
def load_default_text(key: str) -> DefaultPageText:
    """Read the default text of a page; `key` is a file name, so never pass user input."""
    path = DEFAULTS_DIR / f"{key}.html"
    return (
        parse_default_text(path.read_text(encoding="utf-8")) if path.exists() else DefaultPageText()
    )


def parse_default_text(text: str) -> DefaultPageText:
    """Parse `name: value` lines, an empty line, and HTML."""
    head, _gap, body = text.strip().partition("\n\n")
    facts = {
        name.strip(): value.strip()
        for name, _colon, value in (line.partition(":") for line in head.splitlines())
    }
    updated = facts.get("updated", "")
    return DefaultPageText(
        title=facts.get("title", ""),
        lead=facts.get("lead", ""),
        body=body.strip(),
        is_template=facts.get("template", "no") == "yes",
        updated_on=date.fromisoformat(updated) if updated else None,
    )


def find_canonical_url(path: str) -> str:
    """Return the URL of the public page for `/Parents` or `/parents`; else empty."""
    bare = path.strip("/")
    if not bare or not re.fullmatch(PagePathConverter.regex, bare):
        return ""
    pages = FreePage.objects.published(timezone.now()).filter(path=bare.lower())
    page = pages.only("path").first()
    return page.get_absolute_url() if page else ""

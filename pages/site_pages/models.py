from datetime import date
from typing import Self

from django.db import models
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pages.site_pages import defaults_file
from pages.text.fields import CleanHTMLField


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
    CONSULTATION = "consultation", _("Free consultation")


class SitePage(models.Model):
    """The words of one fixed page; without a row the shipped words stand there."""

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
        """The practice's own words for a page, else the shipped ones."""
        return cls.objects.filter(key=key).first() or cls.shipped(key)

    @classmethod
    def shipped(cls, key: str) -> Self:
        text = defaults_file.read(key)
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
        """Every page that exists, stored or shipped, in the order of the keys."""
        stored = {page.key: page for page in cls.objects.all()}
        return [stored.get(key) or cls.shipped(key) for key in PageKey.values]


def page_url(key: str) -> str:
    if key == PageKey.CONSULTATION:
        return reverse("booking:consultation")
    name = {PageKey.SERVICES.value: "service_list"}.get(key, key.replace("-", "_"))
    return reverse(f"pages:{name}")

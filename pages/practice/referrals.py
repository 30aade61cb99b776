"""Whom the practice recommends to people it cannot take: offered by staff, never published."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Referral(models.Model):
    """A colleague, a clinic or a line, as an email that declines a request names it."""

    name = models.CharField(_("name"), max_length=120)
    what_for = models.CharField(
        _("what for"),
        max_length=200,
        blank=True,
        help_text=_("It stands in an email that others might see, so keep it general."),
    )
    how_to_reach = models.CharField(
        _("how to reach them"), max_length=200, help_text=_("A phone number or a website.")
    )
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referral list")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return f"{self.name} ({self.what_for})" if self.what_for else self.name

    @property
    def line(self) -> str:
        """Name, what for and how to reach, as an email says it."""
        return f"{self}: {self.how_to_reach}"

"""The practice on other sites."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from pages.practice.profile import PracticeProfile


class SocialLink(models.Model):
    """The practice on another site; a plain link, nothing is loaded from there."""

    profile = models.ForeignKey(
        PracticeProfile, on_delete=models.CASCADE, default=1, related_name="social_links"
    )
    label = models.CharField(_("label"), max_length=60)
    url = models.URLField(_("address"))
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    class Meta:
        verbose_name = _("link to another site")
        verbose_name_plural = _("links to other sites")
        ordering = ["order", "pk"]

    def __str__(self) -> str:
        return self.label

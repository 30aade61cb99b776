"""The wording of an email as the practice changed it. An email without a row has its default."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from consultations.email_texts.catalog import find_kind


class EmailText(models.Model):
    """Subject and text of one email. ``version`` rises with each save, to notice a conflict."""

    key = models.CharField(_("email"), max_length=60, primary_key=True)
    subject = models.CharField(_("subject"), max_length=120)
    body = models.TextField(_("text"), max_length=5000)
    version = models.PositiveIntegerField(default=1, editable=False)
    changed_at = models.DateTimeField(_("changed"))

    class Meta:
        verbose_name = _("email text")
        verbose_name_plural = _("email texts")
        ordering = ["key"]

    def __str__(self) -> str:
        kind = find_kind(self.key)
        return str(kind.label) if kind else self.key

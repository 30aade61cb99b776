"""Records of the rows that load_demo creates, so that remove_demo deletes only those."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class DemoRow(models.Model):
    """One row created by load_demo."""

    model = models.CharField(_("model"), max_length=80)
    key = models.CharField(_("row"), max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["model", "key"], name="one_demo_row")]

    def __str__(self) -> str:
        return f"{self.model} {self.key}"

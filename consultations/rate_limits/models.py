"""The counts behind the rate limits."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class RateCount(models.Model):
    """The number of actions under one fingerprint within one window of time."""

    key = models.CharField(_("fingerprint"), max_length=64)
    window_at = models.DateTimeField(_("window begins"))
    count = models.PositiveIntegerField(_("count"), default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["key", "window_at"], name="one_count_per_window")
        ]
        indexes = [models.Index(fields=["window_at"], name="rate_count_window")]

    def __str__(self) -> str:
        return f"{self.window_at:%Y-%m-%d %H:%M}: {self.count}"

"""A practitioner as booking sees them: the same row, with rights of its own for staff."""

from django.utils.translation import gettext_lazy as _

from pages.practice.models import Practitioner


class PractitionerHours(Practitioner):
    """Who may change somebody's hours need not be the one who may change their public page."""

    class Meta:
        proxy = True
        verbose_name = _("hours of a practitioner")
        verbose_name_plural = _("hours and calendars")

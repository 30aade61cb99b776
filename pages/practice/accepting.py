"""Whether new clients are taken: the practice, a service or a person."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Accepting(models.TextChoices):
    ACCEPTING = "accepting", _("Accepting new clients")
    WAITLIST = "waitlist", _("Waiting list open")
    CLOSED = "closed", _("Not accepting new clients")

"""What the admin's index page says about undelivered emails."""

from django.contrib.auth.models import AnonymousUser, User
from django.urls import reverse
from django.utils.translation import ngettext

from consultations.outbox.models import OutgoingEmail
from pages.staff_pages import TodayItem


def today_items(user: User | AnonymousUser) -> list[TodayItem]:
    """Return the undelivered emails, if this user may see them."""
    if not user.has_perm("consultations.view_outgoingemail"):
        return []
    count = OutgoingEmail.objects.filter(state=OutgoingEmail.State.DEAD).count()
    return [
        TodayItem(
            f"{reverse('admin:consultations_outgoingemail_changelist')}?state__exact=dead",
            count,
            ngettext("mail not delivered", "mails not delivered", count),
            is_urgent=True,
        )
    ]

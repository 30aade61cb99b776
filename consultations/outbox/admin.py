"""The outbox in the admin: the state of each email. Recipients and texts are not shown."""

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.outbox.models import OutgoingEmail
from pages import desk
from pages.practice.staff_dates import format_day


@admin.register(OutgoingEmail)
class OutgoingEmailAdmin(admin.ModelAdmin):
    list_display = (
        "message",
        "state",
        "attempts",
        "created_at",
        "sent_at",
        "next_at",
        "last_error",
        "deleted_on",
    )
    list_filter = ("state", "message")
    fields = list_display
    readonly_fields = list_display
    actions = ("send_again",)
    list_per_page = 50

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: OutgoingEmail | None = None) -> bool:
        return False

    @admin.display(description=_("will be deleted on"))
    def deleted_on(self, email: OutgoingEmail) -> str:
        return format_day(timezone.localdate(email.deleted_at), timezone.localdate())

    @admin.action(description=_("Try again now"), permissions=["change"])
    def send_again(self, request: HttpRequest, rows: QuerySet[OutgoingEmail]) -> None:
        """Try again now, except for emails that were already sent."""
        states = [OutgoingEmail.State.DEAD, OutgoingEmail.State.WAITING]
        now = timezone.now()
        count = rows.filter(state__in=states).update(
            state=OutgoingEmail.State.WAITING, next_at=now, attempts=0
        )
        message = ngettext("%(n)d mail will be tried now.", "%(n)d mails will be tried now.", count)
        messages.success(request, message % {"n": count})


desk.register(
    "settings",
    _("Sent emails"),
    40,
    model=OutgoingEmail,
    empty=_("No emails yet. What the site sends appears here."),
    count=lambda user, now: OutgoingEmail.objects.filter(state=OutgoingEmail.State.DEAD).count(),
)

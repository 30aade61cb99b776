"""Inviting staff: for owners, who see each invitation's state, send it again, or take it back."""

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.access import roles, workflow
from consultations.access.again import ask_when_stale
from consultations.access.joining_forms import InviteForm
from consultations.access.models import Invitation
from consultations.privacy.fields import readable


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    form = InviteForm
    list_display = ("who", "role_titles", "created_at", "how_it_stands", "expires_at")
    list_display_links = None
    list_select_related = ("practitioner", "invited_by")
    actions = ("send_again", "take_back")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.is_owner(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return roles.is_owner(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return roles.is_owner(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        # For the acts of the list; a single one cannot be edited, it is taken back.
        return obj is None and roles.is_owner(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        if self.has_add_permission(request):
            ask_when_stale(request)
        words = {"title": _g("Invite somebody"), "show_save_and_continue": False}
        more = {**words, "show_save_and_add_another": False, **(extra_context or {})}
        return super().add_view(request, form_url, more)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and self.has_change_permission(request):
            ask_when_stale(request)
        words = {"title": _g("Invitations")}
        return super().changelist_view(request, {**words, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        given = form.cleaned_data
        row = workflow.invite(
            address=given["address"],
            name=given["name"],
            role_keys=given["roles"],
            practitioner=given["practitioner"],
            by=cast("User", request.user),
            network=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )
        obj.pk = row.pk

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:consultations_invitation_changelist"))

    def log_addition(self, request: HttpRequest, obj: Any, message: Any) -> Any:
        """In the audit log instead."""

    @admin.display(description=_("who"))
    def who(self, row: Invitation) -> str:
        return f"{readable(row, 'name')} ({readable(row, 'address')})"

    @admin.display(description=_("roles"))
    def role_titles(self, row: Invitation) -> str:
        return ", ".join(str(roles.ROLES[key].title) for key in row.roles if key in roles.ROLES)

    @admin.display(description=_("state"))
    def how_it_stands(self, row: Invitation) -> str:
        now = timezone.now()
        state = row.state(now)
        if state == Invitation.State.OPEN and not workflow.stands(row, now=now):
            return _g("opens nothing: who invited is no owner now, or the address has a login")
        return str(Invitation.State(state).label)

    @admin.action(description=_("Send a new link"), permissions=["change"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        done = sum(workflow.send_again(row, **self.act(request)) for row in rows)
        words = ngettext("%(n)d link is on its way.", "%(n)d links are on their way.", done)
        messages.success(request, words % {"n": done})

    @admin.action(description=_("Take back"), permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        done = sum(workflow.take_back(row, **self.act(request)) for row in rows)
        words = ngettext(
            "%(n)d invitation is taken back.", "%(n)d invitations are taken back.", done
        )
        messages.success(request, words % {"n": done})

    def act(self, request: HttpRequest) -> dict[str, Any]:
        network = request.META.get("REMOTE_ADDR", "")
        return {"by": cast("User", request.user), "network": network, "now": timezone.now()}

"""Admin of staff, roles and invitations, for owners.

Nobody can give themselves a role, and only superusers can change a superuser.
"""

from collections.abc import Iterable
from datetime import datetime
from http import HTTPStatus
from typing import TYPE_CHECKING, TypedDict

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.models import Group, User
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.accounts import emails, roles, sessions, workflow
from consultations.accounts.forms import InvitationForm, StaffDetailsForm, StaffForm
from consultations.accounts.models import Invitation
from consultations.accounts.reauthentication import require_recent_authentication
from consultations.audit import workflow as audit
from consultations.privacy.fields import readable_text
from pages import desk
from pages.staff_pages import get_staff_user

if TYPE_CHECKING:
    from django.contrib.admin.options import _FieldOpts
    from django.utils.functional import _StrOrPromise

    Fieldset = tuple[_StrOrPromise | None, _FieldOpts]

NAME_FIELDSET: "Fieldset" = (None, {"fields": ("username", "first_name", "last_name", "email")})
ROLES_FIELDSET: "Fieldset" = (
    _("What they may do"),
    {"fields": ("is_active", "roles", "practitioner")},
)
PERMISSIONS_FIELDSET: "Fieldset" = (
    _("Beside the roles"),
    {
        "classes": ("collapse",),
        "fields": ("is_staff", "is_superuser", "groups", "user_permissions"),
    },
)
PASSWORD_FIELDSET: "Fieldset" = (_("Password"), {"fields": ("password_link",)})
DATES_FIELDSET: "Fieldset" = (_("Important dates"), {"fields": ("last_login", "date_joined")})

Context = dict[str, object]


class ActorArguments(TypedDict):
    """Who acts, from which network and when, as the workflow functions take it."""

    by: User
    network: str
    now: datetime


def actor_arguments(request: HttpRequest) -> ActorArguments:
    return {
        "by": get_staff_user(request),
        "network": request.META.get("REMOTE_ADDR", ""),
        "now": timezone.now(),
    }


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: admin.ModelAdmin) -> list[tuple[str, str]]:
        return [(role.key, str(role.title)) for role in roles.ROLES.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        role = roles.ROLES.get(self.value() or "")
        return queryset.filter(groups__name=role.group_name) if role else queryset


class StaffAdmin(UserAdmin):
    """Users and their roles.

    Owners deactivate an account rather than delete it, so that its audit rows keep their name.
    """

    list_display = ("username", "first_name", "last_name", "email", "held_roles", "is_active")
    list_filter = (RoleFilter, "is_active")
    readonly_fields = ("last_login", "date_joined", "held_roles", "password_link")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.select_related("practitioner").prefetch_related("groups")

    # --- permissions ---
    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        return super().has_change_permission(request, obj) and self._can_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.pk == request.user.pk:
            return False
        return super().has_delete_permission(request, obj) and self._can_manage(request, obj)

    def _can_manage(self, request: HttpRequest, obj: User | None) -> bool:
        return obj is None or not obj.is_superuser or bool(request.user.is_superuser)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Let only superusers set somebody's password, because it lets one act in their name.

        One's own password is changed on the page that asks for the current one.
        """
        if not request.user.is_superuser:
            raise PermissionDenied
        if id == str(request.user.pk):
            return HttpResponseRedirect(reverse("account_change_password"))
        require_recent_authentication(request)
        with transaction.atomic():
            response = super().user_change_password(request, id, form_url)
            if request.method == "POST" and response.status_code == HTTPStatus.FOUND:
                user = User.objects.get(pk=id)
                sessions.end_sessions(user)
                emails.enqueue_sign_in_changed_notice(user, "password_changed", now=timezone.now())
                self._audit(request, user, ["password"])
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Context | None = None
    ) -> HttpResponse:
        if self.has_delete_permission(request):
            require_recent_authentication(request)
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        if request.method == "POST" and self.has_delete_permission(request):
            require_recent_authentication(request)
        return super().changelist_view(request, extra_context)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self._audit(request, obj, ["deleted"])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self._audit(request, user, ["deleted"])
        super().delete_queryset(request, queryset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Context | None = None,
    ) -> HttpResponse:
        """Ask again who the user is before they can change roles."""
        if self.has_change_permission(request):
            require_recent_authentication(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    # --- the form ---
    def get_form(
        self, request: HttpRequest, obj: User | None = None, change: bool = False, **kwargs: object
    ) -> type[forms.ModelForm]:
        is_own = obj is not None and obj.pk == request.user.pk
        kwargs["form"] = StaffDetailsForm if is_own else StaffForm
        # Skip UserAdmin.get_form, which would use the form that asks for a new user's password.
        return super(UserAdmin, self).get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> "list[Fieldset]":
        if obj is not None and (
            obj.pk == request.user.pk or not self.has_change_permission(request, obj)
        ):
            read_only_roles: Fieldset = (_("What they may do"), {"fields": ("held_roles",)})
            return [NAME_FIELDSET, read_only_roles, DATES_FIELDSET]
        if obj is None:
            return [NAME_FIELDSET, ROLES_FIELDSET]
        if not request.user.is_superuser:
            return [NAME_FIELDSET, ROLES_FIELDSET, DATES_FIELDSET]
        return [
            NAME_FIELDSET,
            ROLES_FIELDSET,
            PASSWORD_FIELDSET,
            PERMISSIONS_FIELDSET,
            DATES_FIELDSET,
        ]

    def save_model(
        self, request: HttpRequest, obj: User, form: forms.ModelForm, change: bool
    ) -> None:
        if not change:
            obj.is_staff = True  # only staff have accounts
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(
        self,
        request: HttpRequest,
        form: forms.BaseForm,
        formsets: Iterable[forms.BaseFormSet],
        change: bool,
    ) -> None:
        super().save_related(request, form, formsets, change)
        if not isinstance(form, StaffForm):
            return
        added, removed = form.save_roles_and_practitioner()
        if not (form.instance.is_active and form.instance.is_staff):
            # Otherwise the sessions would go on if the account is activated again.
            sessions.end_sessions(form.instance)
        changed = [name for name in form.changed_data if name != "roles"]
        self._audit(
            request,
            form.instance,
            [*changed, *(f"gave:{key}" for key in added), *(f"took:{key}" for key in removed)],
        )

    def _audit(self, request: HttpRequest, user: User, changes: list[str]) -> None:
        """Record a change with the user's login and the names of fields and roles.

        The audit log holds no values otherwise, but these are not clients' data.
        """
        audit.record(
            action="staff_changed",
            by=request.user if isinstance(request.user, User) else None,
            model=User._meta.label_lower,
            uuid=None,
            fields=[f"login:{user.get_username()}", *changes],
            network=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )

    # --- columns ---
    @admin.display(description=_("password"))
    def password_link(self, user: User) -> SafeString:
        url = reverse("admin:auth_user_password_change", args=[user.pk])
        text = _g("Set another") if user.has_usable_password() else _g("None yet: set one")
        return format_html('<a href="{}">{}</a>', url, text)

    @admin.display(description=_("roles"))
    def held_roles(self, user: User) -> str:
        if user.is_superuser:
            return _g("everything (superuser)")
        group_names = {group.name for group in user.groups.all()}
        titles = [
            str(role.title) for role in roles.ROLES.values() if role.group_name in group_names
        ]
        return ", ".join(titles) or "–"


class CustomGroupAdmin(GroupAdmin):
    """The practice's own groups. Role groups are read-only: every migration resets them."""

    def _is_role_group(self, obj: Group | None) -> bool:
        return obj is not None and obj.name in {role.group_name for role in roles.ROLES.values()}

    def has_change_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_role_group(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_role_group(obj)


admin.site.unregister([User, Group])
admin.site.register(User, StaffAdmin)
admin.site.register(Group, CustomGroupAdmin)


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    """Invitations for owners: send them, see their state, send them again, revoke them."""

    form = InvitationForm
    list_display = ("invitee", "role_titles", "created_at", "current_state", "expires_at")
    list_display_links = None
    list_select_related = ("practitioner", "invited_by")
    actions = ("send_again", "take_back")

    def has_module_permission(self, request: HttpRequest) -> bool:
        return roles.is_owner(request.user)

    def has_view_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return roles.is_owner(request.user)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return roles.is_owner(request.user)

    def has_change_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        # For the actions of the list. A single invitation cannot be edited, only revoked.
        return obj is None and roles.is_owner(request.user)

    def has_delete_permission(self, request: HttpRequest, obj: Invitation | None = None) -> bool:
        return False

    def add_view(
        self, request: HttpRequest, form_url: str = "", extra_context: Context | None = None
    ) -> HttpResponse:
        if self.has_add_permission(request):
            require_recent_authentication(request)
        context: Context = {
            "title": _g("Invite somebody"),
            "show_save_and_continue": False,
            "show_save_and_add_another": False,
            **(extra_context or {}),
        }
        return super().add_view(request, form_url, context)

    def changelist_view(
        self, request: HttpRequest, extra_context: Context | None = None
    ) -> HttpResponse:
        if request.method == "POST" and self.has_change_permission(request):
            require_recent_authentication(request)
        title: Context = {"title": _g("Invitations")}
        return super().changelist_view(request, {**title, **(extra_context or {})})

    def save_model(
        self, request: HttpRequest, obj: Invitation, form: forms.ModelForm, change: bool
    ) -> None:
        row = workflow.create_invitation(
            address=form.cleaned_data["address"],
            name=form.cleaned_data["name"],
            role_keys=form.cleaned_data["roles"],
            practitioner=form.cleaned_data["practitioner"],
            **actor_arguments(request),
        )
        obj.pk = row.pk

    def response_add(
        self, request: HttpRequest, obj: Invitation, post_url_continue: str | None = None
    ) -> HttpResponse:
        return HttpResponseRedirect(reverse("admin:consultations_invitation_changelist"))

    def log_addition(  # type: ignore[override]
        self, request: HttpRequest, obj: Invitation, message: object
    ) -> None:
        """Write no row to Django's own log: the workflow writes to the audit log."""

    @admin.display(description=_("who"))
    def invitee(self, row: Invitation) -> str:
        return f"{readable_text(row, 'name')} ({readable_text(row, 'address')})"

    @admin.display(description=_("roles"))
    def role_titles(self, row: Invitation) -> str:
        return ", ".join(str(roles.ROLES[key].title) for key in row.roles if key in roles.ROLES)

    @admin.display(description=_("state"))
    def current_state(self, row: Invitation) -> str:
        now = timezone.now()
        state = row.state(now)
        if state == Invitation.State.OPEN and not workflow.is_invitation_valid(row, now=now):
            return _g("opens nothing: who invited is no owner now, or the address has a login")
        return str(Invitation.State(state).label)

    @admin.action(description=_("Send a new link"), permissions=["change"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        count = sum(workflow.resend_invitation(row, **actor_arguments(request)) for row in rows)
        message = ngettext("%(n)d link is on its way.", "%(n)d links are on their way.", count)
        messages.success(request, message % {"n": count})

    @admin.action(description=_("Take back"), permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        count = sum(workflow.revoke_invitation(row, **actor_arguments(request)) for row in rows)
        message = ngettext(
            "%(n)d invitation is taken back.", "%(n)d invitations are taken back.", count
        )
        messages.success(request, message % {"n": count})


# allauth's own tables are not for editing in the admin: the account pages manage them.
for model in (EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)


desk.register("settings", _("Logins"), 10, model=User, add_label=_("Add a login"))

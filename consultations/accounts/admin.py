"""Staff and their roles, for owners: nobody raises themselves, nobody reaches a superuser."""

from http import HTTPStatus
from typing import Any, cast

from allauth.account.models import EmailAddress, EmailConfirmation
from allauth.mfa.models import Authenticator
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

NAME_FIELDSET = (None, {"fields": ("username", "first_name", "last_name", "email")})
ROLES_FIELDSET = (_("What they may do"), {"fields": ("is_active", "roles", "practitioner")})
PERMISSIONS_FIELDSET = (
    _("Beside the roles"),
    {
        "classes": ("collapse",),
        "fields": ("is_staff", "is_superuser", "groups", "user_permissions"),
    },
)
PASSWORD_FIELDSET = (_("Password"), {"fields": ("password_link",)})
DATES_FIELDSET = (_("Important dates"), {"fields": ("last_login", "date_joined")})


class RoleFilter(admin.SimpleListFilter):
    title = _("role")
    parameter_name = "role"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [(role.key, role.title) for role in roles.ROLES.values()]

    def queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> QuerySet[User]:
        role = roles.ROLES.get(self.value() or "")
        return queryset.filter(groups__name=role.group_name) if role else queryset


class StaffAdmin(UserAdmin):
    """An account is closed, never deleted by an owner: what it did keeps its name."""

    list_display = ("username", "first_name", "last_name", "email", "held_roles", "is_active")
    list_filter = (RoleFilter, "is_active")
    readonly_fields = ("last_login", "date_joined", "held_roles", "password_link")
    filter_horizontal = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        rows: QuerySet[User] = super().get_queryset(request)
        return rows.select_related("practitioner").prefetch_related("groups")

    # --- who may what ---
    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self._can_manage(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        if obj is not None and obj.pk == request.user.pk:
            return False
        return super().has_delete_permission(request, obj) and self._can_manage(request, obj)

    def _can_manage(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or not obj.is_superuser or bool(request.user.is_superuser)

    def user_change_password(
        self, request: HttpRequest, id: str, form_url: str = ""
    ) -> HttpResponse:
        """Whoever sets somebody's password can act in their name, so owners cannot.

        One's own is changed where the former one is asked for: it answers "Is it really you?".
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
                self._note(request, user, ["password"])
        return response

    def delete_view(
        self, request: HttpRequest, object_id: str, extra_context: Any = None
    ) -> HttpResponse:
        if self.has_delete_permission(request):
            require_recent_authentication(request)
        return super().delete_view(request, object_id, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and self.has_delete_permission(request):
            require_recent_authentication(request)
        return super().changelist_view(request, extra_context)

    def delete_model(self, request: HttpRequest, obj: User) -> None:
        self._note(request, obj, ["deleted"])
        super().delete_model(request, obj)

    def delete_queryset(self, request: HttpRequest, queryset: QuerySet[User]) -> None:
        for user in queryset:
            self._note(request, user, ["deleted"])
        super().delete_queryset(request, queryset)

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: Any = None,
    ) -> Any:
        """Roles are given and taken by somebody who has shown lately who they are."""
        if self.has_change_permission(request):
            require_recent_authentication(request)
        return super().changeform_view(request, object_id, form_url, extra_context)

    # --- the form ---
    def get_form(
        self, request: HttpRequest, obj: Any = None, change: bool = False, **kwargs: Any
    ) -> Any:
        is_own = obj is not None and obj.pk == request.user.pk
        kwargs["form"] = StaffDetailsForm if is_own else StaffForm
        # Past the form that Django asks for a new account's password with.
        return super(UserAdmin, self).get_form(request, obj, change, **kwargs)

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is not None and (
            obj.pk == request.user.pk or not self.has_change_permission(request, obj)
        ):
            held = (_("What they may do"), {"fields": ("held_roles",)})
            return [NAME_FIELDSET, held, DATES_FIELDSET]
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

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        if not change:
            obj.is_staff = True  # nobody else has an account here
            obj.set_unusable_password()
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        if not isinstance(form, StaffForm):
            return
        given, taken = form.settle()
        if not (form.instance.is_active and form.instance.is_staff):
            sessions.end_sessions(form.instance)  # or they would go on once it is switched on again
        changed = [name for name in form.changed_data if name != "roles"]
        self._note(
            request,
            form.instance,
            [*changed, *(f"gave:{key}" for key in given), *(f"took:{key}" for key in taken)],
        )

    def _note(self, request: HttpRequest, user: User, changes: list[str]) -> None:
        """Roles by their keys and the login it is about: what staff may do is no visitor's word."""
        audit.record(
            action="staff_changed",
            by=request.user if isinstance(request.user, User) else None,
            model=User._meta.label_lower,
            uuid=None,
            fields=[f"login:{user.get_username()}", *changes],
            network=request.META.get("REMOTE_ADDR", ""),
            now=timezone.now(),
        )

    # --- in words ---
    @admin.display(description=_("password"))
    def password_link(self, user: User) -> SafeString:
        page = reverse("admin:auth_user_password_change", args=[user.pk])
        words = _g("Set another") if user.has_usable_password() else _g("None yet: set one")
        return format_html('<a href="{}">{}</a>', page, words)

    @admin.display(description=_("roles"))
    def held_roles(self, user: User) -> str:
        if user.is_superuser:
            return _g("everything (superuser)")
        names = {group.name for group in user.groups.all()}
        held = [str(role.title) for role in roles.ROLES.values() if role.group_name in names]
        return ", ".join(held) or "–"


class CustomGroupAdmin(GroupAdmin):
    """Groups of the practice's own. Those of the roles are kept by every migration: look only."""

    def _is_role_group(self, obj: Any) -> bool:
        return obj is not None and obj.name in {one.group_name for one in roles.ROLES.values()}

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and not self._is_role_group(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and not self._is_role_group(obj)


admin.site.unregister([User, Group])
admin.site.register(User, StaffAdmin)
admin.site.register(Group, CustomGroupAdmin)


# Inviting staff: for owners, who see each invitation's state, send it again, or take it back.


@admin.register(Invitation)
class InvitationAdmin(admin.ModelAdmin):
    form = InvitationForm
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
            require_recent_authentication(request)
        words = {"title": _g("Invite somebody"), "show_save_and_continue": False}
        more = {**words, "show_save_and_add_another": False, **(extra_context or {})}
        return super().add_view(request, form_url, more)

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        if request.method == "POST" and self.has_change_permission(request):
            require_recent_authentication(request)
        words = {"title": _g("Invitations")}
        return super().changelist_view(request, {**words, **(extra_context or {})})

    def save_model(self, request: HttpRequest, obj: Invitation, form: Any, change: bool) -> None:
        given = form.cleaned_data
        row = workflow.create_invitation(
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
        return f"{readable_text(row, 'name')} ({readable_text(row, 'address')})"

    @admin.display(description=_("roles"))
    def role_titles(self, row: Invitation) -> str:
        return ", ".join(str(roles.ROLES[key].title) for key in row.roles if key in roles.ROLES)

    @admin.display(description=_("state"))
    def how_it_stands(self, row: Invitation) -> str:
        now = timezone.now()
        state = row.state(now)
        if state == Invitation.State.OPEN and not workflow.is_invitation_valid(row, now=now):
            return _g("opens nothing: who invited is no owner now, or the address has a login")
        return str(Invitation.State(state).label)

    @admin.action(description=_("Send a new link"), permissions=["change"])
    def send_again(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        done = sum(workflow.resend_invitation(row, **self.act(request)) for row in rows)
        words = ngettext("%(n)d link is on its way.", "%(n)d links are on their way.", done)
        messages.success(request, words % {"n": done})

    @admin.action(description=_("Take back"), permissions=["change"])
    def take_back(self, request: HttpRequest, rows: QuerySet[Invitation]) -> None:
        done = sum(workflow.revoke_invitation(row, **self.act(request)) for row in rows)
        words = ngettext(
            "%(n)d invitation is taken back.", "%(n)d invitations are taken back.", done
        )
        messages.success(request, words % {"n": done})

    def act(self, request: HttpRequest) -> dict[str, Any]:
        network = request.META.get("REMOTE_ADDR", "")
        return {"by": cast("User", request.user), "network": network, "now": timezone.now()}


# allauth's tables are nobody's to click in: its pages of signing in look after them.

for model in (EmailAddress, EmailConfirmation, Authenticator):
    if admin.site.is_registered(model):
        admin.site.unregister(model)

"""Comments for staff: those that wait first, one press for each decision."""

from collections.abc import Callable
from typing import Any, cast

from django import forms
from django.contrib import admin, messages
from django.contrib.admin import SimpleListFilter
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.text import Truncator
from django.utils.timesince import timesince
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from consultations.audit import requests as audit
from consultations.comments import workflow
from consultations.comments.models import Comment, Status
from consultations.comments.rendering import comment_html
from consultations.fields import PlainTextField
from consultations.privacy.encryption import CannotOpen
from consultations.screening.rules import REASONS

VERBS: dict[str, Callable[..., object]] = {
    "approve": workflow.approve_comment,
    "spam": workflow.mark_as_spam,
    "trash": workflow.trash_comment,
    "restore": workflow.restore_comment,
}
OFFERED: dict[str, list[tuple[str, Any]]] = {
    Status.WAITING: [("approve", _("Approve")), ("spam", _("Spam")), ("trash", _("Trash"))],
    Status.APPROVED: [("spam", _("Spam")), ("trash", _("Trash"))],
    Status.SPAM: [("approve", _("Approve")), ("restore", _("Not spam")), ("trash", _("Trash"))],
    Status.TRASH: [("restore", _("Restore"))],
}


class StatusFilter(SimpleListFilter):
    """Waiting comments first, each folder with its count."""

    title = _("status")
    parameter_name = "status"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        rows = Comment.objects
        return [
            (value, f"{label} ({rows.filter(status=value).count()})")
            for value, label in Status.choices
        ]

    def queryset(self, request: HttpRequest, queryset: Any) -> QuerySet[Comment]:
        chosen = self.value() or Status.WAITING
        if chosen == "all":
            return queryset
        return queryset.filter(status=chosen)

    def choices(self, changelist: Any) -> Any:
        for key, label in [*self.lookup_choices, ("all", _g("All"))]:
            yield {
                "selected": (self.value() or Status.WAITING) == key,
                "query_string": changelist.get_query_string({self.parameter_name: key}),
                "display": label,
            }


class ReplyForm(forms.ModelForm):
    reply = PlainTextField(
        label=_("Reply as the practice"),
        required=False,
        max_length=5000,
        widget=forms.Textarea(attrs={"rows": 6, "cols": 80}),
        help_text=_(
            "Published at once, under your public name. Never confirm that someone is or was "
            "a client, and give no advice."
        ),
    )

    class Meta:
        model = Comment
        fields: tuple[str, ...] = ()


@admin.register(Comment)
class CommentAdmin(admin.ModelAdmin):
    form = ReplyForm
    list_display = ("excerpt", "writer", "article", "state", "received", "marks")
    list_filter = (StatusFilter, "article")
    list_per_page = 50
    actions = ("approve_selected", "spam_selected", "trash_selected", "restore_selected")
    change_form_template = "admin/consultations/comment/change_form.html"
    fieldsets = (
        (None, {"fields": ("state", "shown_text", "writer", "shown_email", "article", "answers")}),
        (_("Behind it"), {"fields": ("received", "marks")}),
        (_("Reply"), {"fields": ("reply",)}),
    )

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # the trash empties itself

    def get_queryset(self, request: HttpRequest) -> QuerySet[Comment]:
        return super().get_queryset(request).select_related("article", "parent")

    def get_ordering(self, request: HttpRequest) -> tuple[str, ...]:
        # Not in the filter: the list puts its own order over whatever a filter says.
        chosen = request.GET.get(StatusFilter.parameter_name, Status.WAITING)
        return ("created_at",) if chosen == Status.WAITING else ("-status_changed_at",)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> list[str]:
        return [name for name in flatten_fieldsets(self.fieldsets) if name != "reply"]

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        may_reply = obj is not None and obj.status in (Status.APPROVED, Status.WAITING)
        return self.fieldsets if may_reply else self.fieldsets[:2]

    # --- columns ---
    @admin.display(description=_("comment"))
    def excerpt(self, row: Comment) -> Any:
        try:
            return Truncator(" ".join(row.text.split())).chars(140) or _("(erased by the writer)")
        except CannotOpen:
            return _("cannot be read")

    @admin.display(description=_("name"))
    def writer(self, row: Comment) -> Any:
        try:
            return row.name or "–"
        except CannotOpen:
            return _("cannot be read")

    @admin.display(description=_("email"))
    def shown_email(self, row: Comment) -> Any:
        try:
            return row.email or "–"
        except CannotOpen:
            return _("cannot be read")

    @admin.display(description=_("comment"))
    def shown_text(self, row: Comment) -> Any:
        try:
            # comment_html escapes; nothing of the visitor's reaches the page as markup.
            return format_html(
                '<div class="comment-read">{}</div>', SafeString(comment_html(row.text))
            )
        except CannotOpen:
            return _("cannot be read")

    @admin.display(description=_("answers"))
    def answers(self, row: Comment) -> str:
        return self.excerpt(row.parent) if row.parent else "–"

    @admin.display(description=_("status"), ordering="status")
    def state(self, row: Comment) -> SafeString:
        return format_html(
            '<span class="state state-{}">{}</span>', row.status, row.get_status_display()
        )

    @admin.display(description=_("received"), ordering="created_at")
    def received(self, row: Comment) -> str:
        return _g("%(time)s ago") % {"time": timesince(row.created_at, depth=1)}

    @admin.display(description=_("marks"))
    def marks(self, row: Comment) -> str:
        return ", ".join(str(REASONS.get(code, code)) for code in row.suspicions) or "–"

    # --- acts ---
    @admin.action(description=_("Approve"), permissions=["change"])
    def approve_selected(self, request: HttpRequest, rows: QuerySet[Comment]) -> None:
        self._act_on(request, rows, "approve")

    @admin.action(description=_("Mark as spam"), permissions=["change"])
    def spam_selected(self, request: HttpRequest, rows: QuerySet[Comment]) -> None:
        self._act_on(request, rows, "spam")

    @admin.action(description=_("Move to the trash"), permissions=["change"])
    def trash_selected(self, request: HttpRequest, rows: QuerySet[Comment]) -> None:
        self._act_on(request, rows, "trash")

    @admin.action(description=_("Restore"), permissions=["change"])
    def restore_selected(self, request: HttpRequest, rows: QuerySet[Comment]) -> None:
        self._act_on(request, rows, "restore")

    def _act_on(self, request: HttpRequest, rows: Any, verb: str) -> None:
        done = left = 0
        for row in rows:
            try:
                VERBS[verb](row, by=cast(User, request.user), now=timezone.now())
            except (workflow.NotAllowed, CannotOpen):
                left += 1
            else:
                done += 1
                self.log_change(request, row, [{"changed": {"fields": [verb]}}])
                audit.note(request, verb, row=row)
        if done:
            words = ngettext("%(n)d comment changed.", "%(n)d comments changed.", done)
            messages.success(request, words % {"n": done})
        if left:
            words = ngettext("%(n)d stayed as it was.", "%(n)d stayed as they were.", left)
            messages.warning(request, words % {"n": left})

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        row = self.get_object(request, object_id)
        context = {
            "title": _g("Comment"),
            "subtitle": None,
            "verbs": OFFERED.get(row.status, []) if row else [],
            "may_reply": row is not None and row.status in (Status.APPROVED, Status.WAITING),
        }
        response = super().change_view(
            request, object_id, form_url, {**context, **(extra_context or {})}
        )
        if row is not None and response.status_code == 200:
            audit.note_reading(request, row, ("name", "email", "text"))
        return response

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        response = super().changelist_view(request, extra_context)
        audit.note_list(request, response, model=Comment, fields=("name", "text"))
        return response

    def save_model(self, request: HttpRequest, obj: Comment, form: Any, change: bool) -> None:
        """Nothing of the comment itself is edited; the pressed button says what is done."""
        now, reply = timezone.now(), form.cleaned_data.get("reply")
        by = cast(User, request.user)
        verb = request.POST.get("_verb", "")
        try:
            if verb in VERBS:
                VERBS[verb](obj, by=by, now=now)
                audit.note(request, verb, row=obj)
            if reply and verb in ("approve", "reply"):
                if obj.status == Status.WAITING:
                    workflow.approve_comment(obj, by=by, now=now)
                workflow.reply_to_comment(obj, text=reply, by=by, now=now)
                audit.note(request, "reply", row=obj)
        except workflow.NotAllowed:
            messages.warning(request, _("This has changed meanwhile. Look at the comment again."))

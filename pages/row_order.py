"""Lists in the admin whose rows staff put in order: by dragging, or one step at a time."""

from collections.abc import Callable, Sequence
from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied
from django.db import models, transaction
from django.forms import Media, ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.template.loader import render_to_string
from django.urls import URLPattern, path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _g
from django.utils.translation import gettext_lazy as _

STEP = 10  # between neighbors, so that the numbers stay readable
MAX_ORDER = 32_767  # of a PositiveSmallIntegerField


class OrderedAdmin(admin.ModelAdmin):
    """Move rows up and down in the list; the position is the model's field ``order``."""

    # Rows are ordered among those that share these fields.
    order_within: Sequence[str] = ()

    @property
    def media(self) -> Media:
        own = Media(css={"all": ["admin/row_order.css"]}, js=["admin/row_order.js"])
        return super().media + own

    def get_urls(self) -> list[URLPattern]:
        name = f"{self.opts.app_label}_{self.opts.model_name}_move"
        return [
            path("move/", self.admin_site.admin_view(self.move_row), name=name),
            *super().get_urls(),
        ]

    def get_list_display(self, request: HttpRequest) -> list[str | Callable[[Any], str | bool]]:
        """Offer moving where the rows stand in their order, with none left out between them."""
        columns = [*super().get_list_display(request)]
        parameters = {name.partition("__")[0] for name in request.GET}
        if self.has_change_permission(request) and parameters <= {"p", *self.order_within}:
            columns.insert(1, "move_buttons")  # in sight on a phone, too
        return columns

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        changelist = super().get_changelist_instance(request)
        if "move_buttons" in changelist.list_display:
            rows = list(changelist.result_list)
            for above, row, below in zip([None, *rows], rows, [*rows[1:], None], strict=False):
                row.move_state = {
                    "url": self._move_url(request),
                    "group": self._group_key(row),
                    # A neighbor may be on another page of the list.
                    "is_first": changelist.page_num == 1
                    if above is None
                    else not self._are_in_one_group(above, row),
                    "is_last": len(rows) < self.list_per_page
                    if below is None
                    else not self._are_in_one_group(row, below),
                }
            changelist.result_list = rows
        return changelist

    @admin.display(description=_("move"))
    def move_buttons(self, row: models.Model) -> SafeString:
        return render_to_string("admin/row_order/_buttons.html", {"row": row})

    def _move_url(self, request: HttpRequest) -> str:
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_move")
        return f"{url}?{request.GET.urlencode()}" if request.GET else url

    def _group_key(self, row: models.Model) -> str:
        return "|".join(str(getattr(row, name)) for name in self.order_within)

    def _are_in_one_group(self, row: models.Model, other: models.Model) -> bool:
        return self._group_key(row) == self._group_key(other)

    def _rows_in_group_of(self, row: models.Model) -> models.QuerySet:
        same = {name: getattr(row, name) for name in self.order_within}
        return self.model._default_manager.filter(**same)

    def move_row(self, request: HttpRequest) -> HttpResponse:
        """Move a row: one step (``move=up:3``), or before another (``move=before:3``, ``before``).

        An empty ``before`` means the end. The script asks for JSON, a form for the list.
        """
        if not self.has_change_permission(request):
            raise PermissionDenied
        way, _colon, key = request.POST.get("move", "").partition(":")
        is_moved = request.method == "POST" and self._move(
            request, key, way, request.POST.get("before", "")
        )
        if request.headers.get("Accept") == "application/json":
            return JsonResponse({"moved": is_moved}, status=200 if is_moved else 409)
        if request.method == "POST" and not is_moved:
            messages.warning(request, _g("The list has changed meanwhile. Please try again."))
        url = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        query = f"?{request.GET.urlencode()}" if request.GET else ""
        return HttpResponseRedirect(url + query, status=303 if request.method == "POST" else 302)

    @transaction.atomic
    def _move(self, request: HttpRequest, key: str, way: str, before: str) -> bool:
        """Return whether the row was moved; False if it or its new neighbor is gone."""
        if way not in ("up", "down", "before") or not key.isdecimal():
            return False
        moved = self.model._default_manager.filter(pk=key[:18]).first()
        if moved is None:
            return False
        # Locked, so that two people who move at once do not write one order over the other.
        rows = list(self._rows_in_group_of(moved).select_for_update())
        keys = [str(row.pk) for row in rows]
        here = keys.index(str(moved.pk))
        row = rows.pop(here)
        if way == "before":
            if before and before not in keys:
                return False
            rest = [str(other.pk) for other in rows]
            place = rest.index(before) if before in rest else len(rows) if not before else here
        else:
            place = max(here - 1, 0) if way == "up" else min(here + 1, len(rows))
        rows.insert(place, row)
        step = STEP if len(rows) * STEP < MAX_ORDER else 1
        for number, one in enumerate(rows, start=1):
            if one.order != number * step:
                one.order = number * step
                # save() and not update(): signals rebuild what shows the rows.
                one.save(update_fields=["order"])
        self.log_change(request, row, [{"changed": {"fields": ["order"]}}])
        return True

    def save_model(
        self, request: HttpRequest, obj: models.Model, form: ModelForm, change: bool
    ) -> None:
        """Put a new row at the end, and one that changed its group at the end of that."""
        if not change or set(form.changed_data) & set(self.order_within):
            obj.order = next_order(self._rows_in_group_of(obj))  # type: ignore[attr-defined]
        super().save_model(request, obj, form, change)


def next_order(rows: models.QuerySet) -> int:
    """Return the position after the last of the rows."""
    last = rows.aggregate(last=models.Max("order"))["last"]
    return 0 if last is None else min(last + STEP, MAX_ORDER)

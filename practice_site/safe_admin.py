"""Validate keys and lookups from the browser that Django's admin would pass on unchecked."""

from collections.abc import Iterable
from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import ManyToManyField, Model, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse
from django.utils.text import capfirst
from django.utils.translation import gettext as _g

from consultations.privacy.fields import PrivateModel
from pages import desk

STOCK_TITLES = ("Add %s", "Change %s", "View %s")


class SafeModelMultipleChoiceField(ModelMultipleChoiceField):
    """Reports a key too large for the database as an invalid choice."""

    def clean(self, value: Iterable[object]) -> QuerySet:
        try:
            return super().clean(value)
        except OverflowError:
            # SQLite's driver takes no integer of more than eight bytes.
            message = self.error_messages["invalid_choice"]
            params = {"value": ", ".join(map(str, value))[:100]}
            raise ValidationError(message, code="invalid_choice", params=params) from None


class SafeModelAdmin(ModelAdmin):
    """Answers malformed keys and field names with an error page instead of a server error."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        # Django would look up an empty _to_field as a field name.
        return super().get_object(request, object_id, from_field or None)

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        """Head the list with what the menu calls it, not with "Select ... to change"."""
        entry = desk.entry_of(self.model)
        context: dict[str, object] = {
            "title": desk.list_title(self.model) or capfirst(self.opts.verbose_name_plural),
            "add_label": self.add_label(),
            "empty_list": entry.empty if entry else "",
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def add_label(self) -> str:
        """Return what the button that adds a row says."""
        entry = desk.entry_of(self.model)
        return str(entry.add_label if entry else "") or _g("Add %s") % self.opts.verbose_name

    def render_change_form(
        self,
        request: HttpRequest,
        context: dict[str, Any],
        add: bool = False,
        change: bool = False,
        form_url: str = "",
        obj: Model | None = None,
    ) -> HttpResponse:
        """Head the page with the row's name, not with "Change" and the model's."""
        stock = {_g(words) % self.opts.verbose_name for words in STOCK_TITLES}
        if str(context.get("title")) in stock:
            # An admin class may say what a person would call its rows.
            spoken_name = getattr(self, "spoken_name", str)
            name = self.add_label() if obj is None else spoken_name(obj)
            context |= {"title": name, "subtitle": None}
        if isinstance(obj, PrivateModel):
            # The browser keeps titles in its history.
            context["page_title"] = capfirst(self.opts.verbose_name)
        return super().render_change_form(request, context, add, change, form_url, obj)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        # A filter by a related row passes a number of any length to the database, and SQLite's
        # driver takes none of more than eight bytes.
        try:
            return super().get_changelist_instance(request)
        except OverflowError:
            raise IncorrectLookupParameters from None

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: object
    ) -> ModelMultipleChoiceField | None:
        return super().formfield_for_manytomany(
            db_field, request, **{"form_class": SafeModelMultipleChoiceField, **kwargs}
        )

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        primary_key = self.model._meta.pk
        try:
            for key in request.POST.getlist(ACTION_CHECKBOX_NAME):
                primary_key.clean(key, None)
        except ValidationError:
            raise BadRequest("a chosen row has no such key") from None
        return super().response_action(request, queryset, *args, **kwargs)


def make_safe_admin(admin_class: type[ModelAdmin]) -> type[ModelAdmin]:
    """Return the admin class with the checks of SafeModelAdmin."""
    if issubclass(admin_class, SafeModelAdmin):
        return admin_class
    attributes = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
    return type(admin_class.__name__, (SafeModelAdmin, admin_class), attributes)

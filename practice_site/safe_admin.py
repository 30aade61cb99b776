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

from pages import desk


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
        title = desk.list_title(self.model) or capfirst(self.opts.verbose_name_plural)
        return super().changelist_view(request, {"title": title, **(extra_context or {})})

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

"""What a browser names to the admin, looked at before Django hands it on unread."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.contrib.admin.options import IncorrectLookupParameters
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import ManyToManyField, Model, QuerySet
from django.forms import ModelMultipleChoiceField
from django.http import HttpRequest, HttpResponse


class SafeModelMultipleChoiceField(ModelMultipleChoiceField):
    """Takes a key that no database has for one that is not among the choices."""

    def clean(self, value: Any) -> Any:
        try:
            return super().clean(value)
        except OverflowError:
            # SQLite's driver takes no integer of more than eight bytes.
            given = {"value": ", ".join(map(str, value))[:100]}
            words = self.error_messages["invalid_choice"]
            raise ValidationError(words, code="invalid_choice", params=given) from None


class SafeModelAdmin(ModelAdmin):
    """Refuses keys and fields that are none, over which Django would stumble."""

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Model | None:
        # An empty _to_field is taken for a field's name, and there is none of that name.
        return super().get_object(request, object_id, from_field or None)

    def get_changelist_instance(self, request: HttpRequest) -> Any:
        # A filter by a related row hands a number of any length on to the database, and SQLite's
        # driver takes none of more than eight bytes.
        try:
            return super().get_changelist_instance(request)
        except OverflowError:
            raise IncorrectLookupParameters from None

    def formfield_for_manytomany(
        self, db_field: ManyToManyField, request: HttpRequest, **kwargs: Any
    ) -> Any:
        return super().formfield_for_manytomany(
            db_field, request, **{"form_class": SafeModelMultipleChoiceField, **kwargs}
        )

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any, **kwargs: Any
    ) -> HttpResponse | None:
        key = self.model._meta.pk
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.clean(chosen, None)
        except ValidationError:
            raise BadRequest("a chosen row has no such key") from None
        return super().response_action(request, queryset, *args, **kwargs)


def make_safe_admin(admin_class: type[ModelAdmin]) -> type[ModelAdmin]:
    """The same admin class, careful about what a browser names."""
    if issubclass(admin_class, SafeModelAdmin):
        return admin_class
    names: dict[str, Any] = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
    return type(admin_class.__name__, (SafeModelAdmin, admin_class), names)

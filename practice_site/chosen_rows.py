"""Rows that staff tick in a list, as they come back from the browser."""

from typing import Any

from django.contrib.admin import ModelAdmin
from django.contrib.admin.helpers import ACTION_CHECKBOX_NAME
from django.core.exceptions import BadRequest, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse


class ChosenRows(ModelAdmin):
    """Refuses keys that are none, which Django hands on to the database until that stumbles."""

    def response_action(
        self, request: HttpRequest, queryset: QuerySet, *args: Any
    ) -> HttpResponse | None:
        key = self.model._meta.pk
        try:
            for chosen in request.POST.getlist(ACTION_CHECKBOX_NAME):
                key.clean(chosen, None)
        except ValidationError:
            raise BadRequest("a chosen row has no such key") from None
        return super().response_action(request, queryset, *args)


def careful(admin_class: type[ModelAdmin]) -> type[ModelAdmin]:
    """The same admin class, which looks at the keys of chosen rows first."""
    if issubclass(admin_class, ChosenRows):
        return admin_class
    names: dict[str, Any] = {"__module__": admin_class.__module__, "__doc__": admin_class.__doc__}
    return type(admin_class.__name__, (ChosenRows, admin_class), names)

"""Whose consultations, hours and calendars somebody of the staff may meet: their own, or all."""

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.auth.models import AbstractBaseUser, AnonymousUser
from django.db.models import QuerySet
from django.http import HttpRequest

from consultations.booking.models import EVERYBODY
from pages.practice.models import Practitioner

Staff = AbstractBaseUser | AnonymousUser
Rows = TypeVar("Rows", bound="QuerySet[Any]")


def works_for_everybody(user: Any) -> bool:
    return bool(user.has_perm(EVERYBODY))


def people(user: Staff) -> "QuerySet[Practitioner]":
    """Those that somebody may book for, whether or not they take consultations now."""
    everybody = Practitioner.objects.all()
    if works_for_everybody(user):
        return everybody
    return everybody.filter(user=user.pk) if user.pk else everybody.none()


def keys_of_people(user: Staff) -> set[int] | None:
    """The same for a form; None: everybody."""
    return None if works_for_everybody(user) else set(people(user).values_list("pk", flat=True))


def own(rows: Rows, user: Staff) -> Rows:
    """Of rows that belong to a practitioner: all of them, or one's own."""
    if works_for_everybody(user):
        return rows
    return rows.filter(practitioner__user=user.pk) if user.pk else rows.none()


def may_meet(user: Staff, person: Practitioner | None) -> bool:
    if works_for_everybody(user):
        return True
    return person is not None and user.pk is not None and person.user_id == user.pk


class OwnRowsMixin(admin.ModelAdmin):
    """An admin page whose rows each belong to a practitioner.

    What is somebody else's is answered like what does not exist; the rights are asked with the
    row as well, for pages that find it in another way.
    """

    def person_of(self, obj: Any) -> Practitioner | None:
        person: Practitioner | None = obj.practitioner
        return person

    def own_rows(self, request: HttpRequest, rows: Any) -> Any:
        return own(rows, request.user)

    def get_queryset(self, request: HttpRequest) -> Any:
        return self.own_rows(request, super().get_queryset(request))

    def get_object(self, request: HttpRequest, object_id: str, from_field: Any = None) -> Any:
        """The row knows who looks at it: its columns draw links, and are not handed the request."""
        found: Any = super().get_object(request, object_id, from_field)
        if found is not None:
            found.seen_by = request.user
        return found

    def is_theirs(self, request: HttpRequest, obj: Any) -> bool:
        return obj is None or may_meet(request.user, self.person_of(obj))

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_theirs(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

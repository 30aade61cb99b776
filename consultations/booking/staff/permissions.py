"""Which consultations, hours and calendars a staff user may access: their own, or all."""

from typing import Any, TypeVar

from django.contrib import admin
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Model, QuerySet
from django.http import HttpRequest

from consultations.booking.models import WORK_FOR_EVERYBODY_PERMISSION
from pages.practice.models import Practitioner

StaffUser = User | AnonymousUser
Rows = TypeVar("Rows", bound=QuerySet)


def can_work_for_everybody(user: StaffUser) -> bool:
    """Whether this user may access the rows of all practitioners."""
    return bool(user.has_perm(WORK_FOR_EVERYBODY_PERMISSION))


def accessible_practitioners(user: StaffUser) -> "QuerySet[Practitioner]":
    """Return the practitioners a user may book for, bookable or not."""
    everybody = Practitioner.objects.all()
    if can_work_for_everybody(user):
        return everybody
    return everybody.filter(user=user.pk) if user.pk else everybody.none()


def accessible_practitioner_ids(user: StaffUser) -> set[int] | None:
    """Return the keys of these practitioners; None means all of them."""
    return (
        None
        if can_work_for_everybody(user)
        else set(accessible_practitioners(user).values_list("pk", flat=True))
    )


def filter_own(rows: Rows, user: StaffUser) -> Rows:
    """Filter rows that belong to a practitioner: all of them, or only the user's own."""
    if can_work_for_everybody(user):
        return rows
    return rows.filter(practitioner__user=user.pk) if user.pk else rows.none()


def can_access_practitioner(user: StaffUser, practitioner: Practitioner | None) -> bool:
    """Whether this user may access rows of a practitioner, or unassigned ones (None)."""
    if can_work_for_everybody(user):
        return True
    return practitioner is not None and user.pk is not None and practitioner.user_id == user.pk


class OwnRowsMixin(admin.ModelAdmin):
    """Admin whose rows each belong to a practitioner.

    Another practitioner's row returns 404, as if it did not exist. The permission methods check the
    row as well, for views that load it in another way.
    """

    def practitioner_of(self, obj: Model) -> Practitioner | None:
        """Return the practitioner a row belongs to; None if unassigned."""
        practitioner: Practitioner | None = obj.practitioner  # type: ignore[attr-defined]
        return practitioner

    def filter_own_rows(self, request: HttpRequest, rows: QuerySet) -> QuerySet:
        return filter_own(rows, request.user)

    def get_queryset(self, request: HttpRequest) -> QuerySet:
        return self.filter_own_rows(request, super().get_queryset(request))

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        """Store the user on the row: columns need it for their links and do not get the request."""
        row: Model | None = super().get_object(request, object_id, from_field)
        if row is not None:
            row.seen_by = request.user  # type: ignore[attr-defined]
        return row

    def is_theirs(self, request: HttpRequest, obj: Model | None) -> bool:
        """Whether this user may access the row; always true without one."""
        return obj is None or can_access_practitioner(request.user, self.practitioner_of(obj))

    def has_view_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_view_permission(request, obj) and self.is_theirs(request, obj)

    def has_change_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_change_permission(request, obj) and self.is_theirs(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return super().has_delete_permission(request, obj) and self.is_theirs(request, obj)

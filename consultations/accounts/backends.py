"""Who is this? One look-up and one hashing of a password, whoever is asked for."""

from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import User
from django.db.models import Q
from django.http import HttpRequest


class StaffBackend(ModelBackend):
    """Staff, by login or email address.

    allauth's own backend hashes twice for a known address and once for an unknown one, which a
    stopwatch sees. Here the work is the same for known, unknown, inactive and password-less names.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: Any,
    ) -> User | None:
        name = username or credentials.get("email") or ""
        if not name or not password:
            return None
        user = find_user(name)
        if request is not None:
            request.tried_account = user  # type: ignore[attr-defined]  # for the audit log
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: Any) -> bool:
        return bool(super().user_can_authenticate(user) and user.is_staff)


def find_user(name: str) -> User | None:
    """The login of that name, else the only staff member with that address."""
    found = list(User.objects.filter(Q(username=name) | Q(email__iexact=name)))
    by_name = [user for user in found if user.get_username() == name]
    if by_name:
        return by_name[0]
    return found[0] if len(found) == 1 else None


def is_identifier_taken(name: str, *, but: int | None = None) -> bool:
    """Whether somebody signs in with this already, in whichever letters, by login or address.

    A login that is a colleague's address would stand before it: they could not sign in by it.
    """
    others = User.objects.exclude(pk=but) if but else User.objects.all()
    return others.filter(Q(username__iexact=name) | Q(email__iexact=name)).exists()

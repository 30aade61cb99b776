"""The authentication backend: the same work for every name, known or not."""

from typing import cast

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.models import AnonymousUser, User
from django.db.models import Q
from django.http import HttpRequest


class SignInRequest(HttpRequest):
    """A request that may sign somebody in, with what its later steps read."""

    tried_account: User | None  # whose password was tried, for the audit log
    staff_browser: str  # the token that the response sets as a cookie


class StaffBackend(ModelBackend):
    """Authenticates staff by username or email address.

    allauth's own backend hashes twice for a known email and once for an unknown one, which response
    times reveal. Here it is one query and one hash for known, unknown, inactive and password-less
    users alike.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **credentials: str | None,
    ) -> User | None:
        name = username or credentials.get("email") or ""
        if not name or not password:
            return None
        user = find_user(name)
        if request is not None:
            cast(SignInRequest, request).tried_account = user
        if user is None:
            User().set_password(password)
            return None
        is_right = user.check_password(password)
        return user if is_right and self.user_can_authenticate(user) else None

    def user_can_authenticate(self, user: User | AnonymousUser | None) -> bool:
        return super().user_can_authenticate(user) and isinstance(user, User) and user.is_staff


def find_user(name: str) -> User | None:
    """Return the user with this username, or else the only user with this email address."""
    users = list(User.objects.filter(Q(username=name) | Q(email__iexact=name)))
    by_username = [user for user in users if user.get_username() == name]
    if by_username:
        return by_username[0]
    return users[0] if len(users) == 1 else None


def is_identifier_taken(name: str, *, exclude_user_id: int | None = None) -> bool:
    """Tell whether somebody has this username or email address, ignoring case.

    A username equal to a colleague's email would win over it, so they could not sign in by email.
    """
    others = User.objects.exclude(pk=exclude_user_id) if exclude_user_id else User.objects.all()
    return others.filter(Q(username__iexact=name) | Q(email__iexact=name)).exists()

"""For commands that must not run with keys that are not those of this database."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from consultations.privacy import canary

EX_CONFIG = 78  # as for every other unsafe configuration


def require_matching_keys() -> None:
    """New words would be sealed under a key that nobody expects, and of the old none be found."""
    if not canary.verify_keys():
        raise CommandError(
            _(
                "FIELD_KEYS cannot open what is stored in this database. Give the keys that were "
                "in use, newest first; docs/operations.md tells more."
            ),
            returncode=EX_CONFIG,
        )

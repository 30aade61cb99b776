"""Refuse to run a command with keys that are not those of this database."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from consultations.privacy import canary

EX_CONFIG = 78  # as for every other unsafe configuration


def require_matching_keys() -> None:
    """Raise CommandError unless FIELD_KEYS open what is stored.

    With other keys, new values would be encrypted under an unexpected key and fingerprints would
    match nothing.
    """
    if not canary.verify_keys():
        raise CommandError(
            _(
                "FIELD_KEYS cannot open what is stored in this database. Give the keys that were "
                "in use, newest first; docs/operations.md tells more."
            ),
            returncode=EX_CONFIG,
        )

"""Refuse to run a command if FIELD_KEYS do not match the database."""

from django.core.management.base import CommandError
from django.utils.translation import gettext as _

from consultations.privacy import canary

EX_CONFIG = 78  # from sysexits.h, as for any other unsafe configuration


def require_matching_keys() -> None:
    """Raise CommandError unless FIELD_KEYS can decrypt the stored values.

    With other keys, new values would be encrypted under an unexpected key and fingerprints would
    not match anything.
    """
    if not canary.verify_keys():
        raise CommandError(
            _(
                "FIELD_KEYS cannot open what is stored in this database. Give the keys that were "
                "in use, newest first; docs/operations.md tells more."
            ),
            returncode=EX_CONFIG,
        )

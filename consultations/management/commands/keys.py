"""Manage the field encryption keys: create, rotate, verify, and list those that can be removed."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping

from django.conf import settings
from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from consultations.privacy import canary, encryption, rotation


class Command(BaseCommand):
    help = "Keys: new prints one, rotate re-encrypts, verify counts, retire says what may go."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["new", "rotate", "verify", "retire"])
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, act: str, as_json: bool, **options: object) -> None:
        answer, is_good = getattr(self, act)()
        if as_json:
            self.stdout.write(json.dumps(answer, sort_keys=True))
        else:
            for name, value in answer.items():
                self.stdout.write(f"{name}: {value}")
        if not is_good:
            sys.exit(1)

    def new(self) -> tuple[Mapping[str, object], bool]:
        """Print a key with the next free ID; it is not stored anywhere."""
        taken = [key_id for key_id, _key in settings.FIELD_KEYS]
        # The next number; after 255, the lowest free one.
        key_id = next(n for n in (*range(max(taken) + 1, 256), *range(1, 256)) if n not in taken)
        line = f"{key_id}:{encryption.generate_key()}"
        hint = _("Put it first in FIELD_KEYS, keep the others behind it, restart, then rotate.")
        return {"key": line, "next": hint}, True

    def rotate(self) -> tuple[Mapping[str, object], bool]:
        done, unreadable = rotation.rotate_keys()
        answer = {"rows re-encrypted": sum(done.values()), "rows that cannot be read": unreadable}
        return answer, unreadable == 0

    def verify(self) -> tuple[Mapping[str, object], bool]:
        by_key, unreadable = rotation.count_values_by_key()
        answer = {f"cells under key {key_id}": by_key[key_id] for key_id in sorted(by_key)}
        answer["cells that cannot be read"] = unreadable
        return answer, unreadable == 0 and canary.verify_keys()

    def retire(self) -> tuple[Mapping[str, object], bool]:
        """List keys that are no longer needed; removing one still in use loses data."""
        by_key, unreadable = rotation.count_values_by_key()
        known = [key_id for key_id, _key in settings.FIELD_KEYS]
        free = [key_id for key_id in known[1:] if not by_key[key_id]]
        needed = [key_id for key_id in known[1:] if by_key[key_id]]
        answer = {"may be removed from FIELD_KEYS": free, "still needed": needed}
        return answer, not needed and unreadable == 0

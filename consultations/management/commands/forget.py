"""Erase all data held about a person, found by email address or phone number."""

import json
import sys
from argparse import ArgumentParser
from collections.abc import Mapping

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.data_rights import records, workflow
from consultations.data_rights.forms import FindPersonForm
from consultations.management.key_check import require_matching_keys

USAGE_EXIT_CODE = 2


class Command(BaseCommand):
    help = "Erases all that is held under an email address or a phone number, for good."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("address", help=_("an email address or a phone number"))
        parser.add_argument("--dry-run", action="store_true", help=_("count, erase nothing"))
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self, *args: object, address: str, dry_run: bool, as_json: bool, **options: object
    ) -> None:
        form = FindPersonForm({"contact": address})
        if not form.is_valid():
            raise CommandError(
                _("This is neither an email address nor a phone number."),
                returncode=USAGE_EXIT_CODE,
            )
        # With the wrong keys no one is found, and "Nothing is held" would be false.
        require_matching_keys()
        matches = form.people()
        if len(matches) > 1:
            self.say(
                as_json,
                {"ok": False, "people": len(matches)},
                _(
                    "Several people left this number. Name one by the email address, or choose in "
                    "the admin, under a person’s data."
                ),
            )
            sys.exit(1)
        counts: dict[str, int] = {}
        for person in matches:
            held = records.find_records(person)
            counts = {kind.name: len(rows) for kind, rows in held if rows}
            if not dry_run:
                workflow.erase_person(person, by=None, now=timezone.now())
        answer = {"ok": True, "dry_run": dry_run, "records": counts}
        words = ", ".join(f"{name}: {number}" for name, number in counts.items())
        verb = _("Would be erased") if dry_run else _("Erased")
        self.say(as_json, answer, f"{verb}: {words}" if words else _("Nothing is held."))

    def say(self, as_json: bool, answer: Mapping[str, object], words: str) -> None:
        self.stdout.write(json.dumps(answer, sort_keys=True) if as_json else words)

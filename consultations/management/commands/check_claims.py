"""Check that slot claims match the consultations. The worker does the same every night."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from consultations.booking import checks


class Command(BaseCommand):
    help = "Compares the times that are taken with the consultations; 1 when they differ."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, as_json: bool, **options: object) -> None:
        mismatches = checks.find_claim_mismatches(now=timezone.now())
        if as_json:
            self.stdout.write(json.dumps([mismatch.as_dict() for mismatch in mismatches]))
        else:
            for mismatch in mismatches:
                self.stdout.write(
                    _("%(reference)s (%(status)s): %(missing)d missing, %(extra)d too many")
                    % mismatch.as_dict()
                )
            if not mismatches:
                self.stdout.write(_("Every consultation holds exactly its time."))
        if mismatches:
            raise CommandError(
                ngettext("%d consultation differs.", "%d consultations differ.", len(mismatches))
                % len(mismatches)
            )

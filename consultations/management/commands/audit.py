"""Verify the audit log's hash chain and report the first broken entry."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils.translation import gettext as _

from consultations.audit import chain


class Command(BaseCommand):
    help = "verify walks the chain of the audit log and names the first broken link."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("act", choices=["verify"])
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, act: str, as_json: bool, **options: object) -> None:
        verdict = chain.verify_chain()
        if as_json:
            self.stdout.write(json.dumps(verdict.as_dict(), sort_keys=True))
        elif verdict.is_whole:
            words = _("The chain is whole: %(entries)d entries, the last is number %(last)d.")
            self.stdout.write(words % {"entries": verdict.entries, "last": verdict.last})
        else:
            words = _("The chain is broken at number %(at)d: %(reason)s.")
            self.stdout.write(words % {"at": verdict.broken_at, "reason": verdict.reason})
        if not verdict.is_whole:
            sys.exit(1)

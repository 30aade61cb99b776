"""Delete data past its retention time. The worker does the same once an hour."""

import json
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.data_rights import workflow


class Command(BaseCommand):
    help = "Deletes what is past its retention time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help=_("count, delete nothing"))
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, dry_run: bool, as_json: bool, **options: object) -> None:
        counts = workflow.purge_expired(now=timezone.now(), dry_run=dry_run)
        if as_json:
            self.stdout.write(json.dumps(counts, sort_keys=True))
            return
        for what, number in sorted(counts.items()):
            self.stdout.write(f"{what}: {number}")
        if not counts:
            self.stdout.write(_("Nothing is past its time."))

"""Export everything public as WXR, JSON and pictures, readable without this software."""

import json
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.transfer import export_site

USAGE_EXIT_CODE = 2


class Command(BaseCommand):
    help = "Writes everything public into a folder: site.xml (WXR), site.json, media/."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("folder", metavar="DIR", help="a new or empty folder")
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, folder: str, as_json: bool, **options: object) -> None:
        target = Path(folder)
        if target.exists() and not (target.is_dir() and not any(target.iterdir())):
            raise CommandError(_("Choose a new or an empty folder."), returncode=USAGE_EXIT_CODE)
        try:
            counts = export_site.write_export(target, now=timezone.now())
        except OSError as fault:
            words = _("The folder cannot be written (%s).") % type(fault).__name__
            raise CommandError(words) from None
        if as_json:
            self.stdout.write(json.dumps(dict(sorted(counts.items()))))
            return
        for what, number in sorted(counts.items()):
            self.stdout.write(f"{what}: {number}")
        self.stdout.write(_("Everything public is in %s. README.txt says what is what.") % target)

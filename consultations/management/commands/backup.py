"""Create an encrypted backup of the database and media, and verify it by reading it back."""

import json
import sys
from argparse import ArgumentParser

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.backups import create, encryption
from consultations.backups.errors import BackupError


class Command(BaseCommand):
    help = "Writes an encrypted backup into DATA_DIR/backups and removes those past their time."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--json", action="store_true", dest="as_json")
        parser.add_argument(
            "--new-key",
            action="store_true",
            help=_("print a new pair of keys, and do nothing else"),
        )

    def handle(self, *args: object, as_json: bool, new_key: bool, **options: object) -> None:
        if new_key:
            self.print_key_pair(as_json)
            return
        try:
            result = create.create_backup(now=timezone.now())
        except BackupError as problem:
            if as_json:
                self.stdout.write(json.dumps({"ok": False, "problem": str(problem)}))
            self.stderr.write(_("No backup was made: %(reason)s") % {"reason": problem})
            sys.exit(1)
        if as_json:
            self.stdout.write(json.dumps(result.as_dict(), sort_keys=True))
            return
        words = _("%(file)s: %(rows)d rows, %(media)d files of media, read back and found good.")
        facts = {"file": result.file, "rows": result.rows, "media": result.media_files}
        self.stdout.write(words % facts)

    def print_key_pair(self, as_json: bool) -> None:
        private, public = encryption.generate_key_pair()
        if as_json:
            self.stdout.write(json.dumps({"private": private, "public": public}))
            return
        self.stdout.write(f"BACKUP_PUBLIC_KEY={public}")
        self.stdout.write(_("The private key, to be kept elsewhere and never on this machine:"))
        self.stdout.write(private)

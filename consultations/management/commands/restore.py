"""Restore a backup into an empty data directory, or check that it can be restored."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path

from django.core.management.base import BaseCommand
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.backups import restore, storage
from consultations.backups.errors import BackupError


class Command(BaseCommand):
    help = "Restores a backup into an empty DATA_DIR; with --check it only proves that it could."
    requires_system_checks: list[str] = []

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", nargs="?", help=_("the newest one, when left out"))
        parser.add_argument("--check", action="store_true", help=_("look, change nothing"))
        parser.add_argument("--key", default="", help=_("the file that holds the private key"))
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(
        self,
        *args: object,
        file: str | None,
        check: bool,
        key: str,
        as_json: bool,
        **options: object,
    ) -> None:
        try:
            path = Path(file) if file else self.newest()
            if check:
                result = restore.check_backup(path, key=key)
            else:
                result = restore.restore_backup(path, key=key, now=timezone.now())
        except BackupError as problem:
            if as_json:
                self.stdout.write(json.dumps({"ok": False, "problem": str(problem)}))
            self.stderr.write(_("Not restored: %(reason)s") % {"reason": problem})
            sys.exit(1)
        if as_json:
            self.stdout.write(json.dumps(result.as_dict(), sort_keys=True))
            return
        facts = {
            "at": result.made_at,
            "rows": result.rows,
            "media": result.media_files,
            "erased": result.erased_again,
        }
        if check:
            words = _("Good: made at %(at)s, %(rows)d rows, %(media)d files of media.")
        else:
            words = _(
                "Restored: made at %(at)s, %(rows)d rows, %(media)d files of media. "
                "Erased again, since people had asked for it: %(erased)d."
            )
        self.stdout.write(words % facts)

    def newest(self) -> Path:
        backups = storage.list_backups()
        if not backups:
            raise BackupError("there is no backup in DATA_DIR/backups; name the file")
        return backups[-1]

"""Import articles, pages, pictures and comments from a WordPress export."""

import json
import sys
from argparse import ArgumentParser
from pathlib import Path
from typing import TypedDict, Unpack

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _

from consultations.transfer import import_wordpress
from consultations.transfer.import_wordpress import fetch_picture, skip_fetch
from pages.wordpress import report_text
from pages.wordpress.pictures import FileSource, folder_source
from pages.wordpress.report import ImportReport
from pages.wordpress.wxr.records import UnreadableExport

USAGE_EXIT_CODE = 2
PROGRESS_INTERVAL_ITEMS = 50  # items between progress messages


class Options(TypedDict):
    """The options that are not named in `handle`."""

    file: str
    dry_run: bool
    media: str | None
    fetch_media: bool
    authors: str | None


class Command(BaseCommand):
    help = "Takes over a WordPress export (Tools, Export, All content). Nobody is mailed."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", metavar="FILE", help="the .xml file from WordPress")
        parser.add_argument("--dry-run", action="store_true", help="say what would be done")
        parser.add_argument("--media", metavar="DIR", help="a copy of wp-content/uploads")
        parser.add_argument(
            "--fetch-media", action="store_true", help="fetch pictures from the former site"
        )
        parser.add_argument(
            "--authors",
            metavar="FILE.json",
            help='{"login there": "address of a practitioner here"}',
        )
        parser.add_argument("--json", action="store_true", dest="as_json")

    def handle(self, *args: object, as_json: bool, **options: Unpack[Options]) -> None:
        path = Path(options["file"])
        if not path.is_file():
            raise CommandError(_("There is no such file."), returncode=USAGE_EXIT_CODE)
        import_options = import_wordpress.ImportOptions(
            file_source=self.file_source(options),
            authors=self.authors(options["authors"]),
            dry_run=options["dry_run"],
        )
        on_progress = import_wordpress.ignore_progress if as_json else self.print_progress
        try:
            report = import_wordpress.run_import(
                path, import_options, now=timezone.now(), on_progress=on_progress
            )
        except UnreadableExport as refusal:
            raise CommandError(report_text.refusal_text(refusal.code)) from None
        except ValidationError as error:
            raise CommandError(" ".join(error.messages), returncode=USAGE_EXIT_CODE) from None
        except OSError:
            raise CommandError(_("The file cannot be read."), returncode=USAGE_EXIT_CODE) from None
        if as_json:
            answer = {"dry_run": options["dry_run"], **report.as_dict()}
            self.stdout.write(json.dumps(answer, ensure_ascii=False))
        else:
            self.print_report(report, dry_run=options["dry_run"])
        if report.has_losses:
            sys.exit(1)

    def file_source(self, options: Options) -> FileSource | None:
        folder, is_fetched = options["media"], options["fetch_media"]
        if folder and is_fetched:
            raise CommandError(_("Choose --media or --fetch-media."), returncode=USAGE_EXIT_CODE)
        if folder and not Path(folder).is_dir():
            raise CommandError(_("--media is no folder."), returncode=USAGE_EXIT_CODE)
        if folder:
            return folder_source(Path(folder))
        if not is_fetched:
            return None
        return skip_fetch if options["dry_run"] else fetch_picture

    def authors(self, file: str | None) -> dict[str, str]:
        if not file:
            return {}
        try:
            mapping = json.loads(Path(file).read_text(encoding="utf-8"))
        except (OSError, ValueError):
            raise CommandError(
                _("--authors cannot be read as JSON."), returncode=USAGE_EXIT_CODE
            ) from None
        is_sound = isinstance(mapping, dict) and all(
            isinstance(value, str) or value is None for value in mapping.values()
        )
        if not is_sound:
            raise CommandError(
                _("--authors must map logins to addresses of practitioners."),
                returncode=USAGE_EXIT_CODE,
            )
        return {str(login): value or "" for login, value in mapping.items()}

    def print_progress(self, done: int, everything: int) -> None:
        if done % PROGRESS_INTERVAL_ITEMS == 0 or done == everything:
            self.stderr.write(_("%(done)d of %(all)d") % {"done": done, "all": everything})

    def print_report(self, report: ImportReport, *, dry_run: bool) -> None:
        for line in report.lines:
            self.stdout.write(report_text.line_text(line))
        self.stdout.write("")
        for name, number in report.counts().items():
            self.stdout.write(f"{name}: {number}")
        for sentence in report_text.comment_texts(report.comments):
            self.stdout.write(_("comments: ") + sentence)
        self.stdout.write(_("old addresses that lead on: %d") % report.redirects)
        for sentence in report_text.damage_texts(report.damage):
            self.stdout.write(sentence)
        if report.is_truncated:
            self.stdout.write(report_text.truncated_file_text())
        if dry_run:
            self.stdout.write(_("Nothing was stored: this was only a look."))
        else:
            self.stdout.write(
                _("The file holds the addresses of commenters: delete it once all is well.")
            )

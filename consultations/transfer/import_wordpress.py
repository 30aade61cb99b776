"""Import a WordPress export: write its articles, pages, pictures and comments to the database.

Slow work (reading, converting, pictures) runs outside transactions; writes happen in short
transactions of a few items each. Visitors can keep submitting forms meanwhile, and an import that
was stopped continues where it was when it is started again.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.contrib.auth.models import User
from django.db import transaction
from django.utils.translation import gettext as _

from consultations.audit import workflow as audit
from consultations.booking.calendars.errors import FetchError
from consultations.booking.calendars.fetch import FetchLimits, fetch_calendar
from consultations.comments.wordpress import CommentImporter
from pages.media.decoding import MAX_BYTES
from pages.practice.models import PracticeProfile, Practitioner
from pages.wordpress import addresses, authors, post_status, site_export_meta
from pages.wordpress.addresses import Addresses
from pages.wordpress.articles import PostWriter
from pages.wordpress.convert import ConvertedItem, ItemConverter
from pages.wordpress.models import ImportLedger
from pages.wordpress.pictures import FileMissing, FileSource, PictureImporter
from pages.wordpress.report import LEFT_OUT, ImportReport, ReportLine
from pages.wordpress.survey import Survey, survey_export
from pages.wordpress.terms import TermImporter
from pages.wordpress.wxr.export_file import ExportReader
from pages.wordpress.wxr.records import Item

BATCH_ITEMS = 20  # items in one transaction
MAX_LISTED_NUMBERS = 30  # IDs of left-out items that one report line lists
UNLISTED_TYPES = {"nav_menu_item", "customize_changeset", "oembed_cache", "revision"}

# Called with the number of items done and the total.
ProgressCallback = Callable[[int, int], None]


def ignore_progress(_done: int, _all: int) -> None:
    return None


@dataclass
class ImportOptions:
    """What to import and how; without a `file_source` pictures stay links."""

    file_source: FileSource | None = None
    # WordPress login to practitioner slug; "" for none.
    authors: Mapping[str, str] = field(default_factory=dict)
    dry_run: bool = False
    by: User | None = None


def run_import(
    path: Path,
    options: ImportOptions,
    *,
    now: datetime,
    on_progress: ProgressCallback = ignore_progress,
) -> ImportReport:
    """Import the file and return the report; with `dry_run`, only report what would be done.

    Raises `UnreadableExport` if the file is not a usable export, and `ValidationError` if a chosen
    practitioner does not exist.
    """
    zone = ZoneInfo(PracticeProfile.load().time_zone)
    survey = survey_export(path, zone=zone, now=now)
    total = sum(survey.counts.values())
    report = ImportReport(
        damage=survey.damage.counts, is_truncated=survey.is_truncated, in_file=survey.counts
    )
    importer = _Importer(survey, options, report, zone, now)
    importer.prepare()
    with path.open("rb") as file:
        for done, item in enumerate(ExportReader(file).items(), 1):
            importer.import_item(item)
            on_progress(done, total)
    importer.finish()
    return report


class _Importer:
    def __init__(
        self,
        survey: Survey,
        options: ImportOptions,
        report: ImportReport,
        zone: ZoneInfo,
        now: datetime,
    ) -> None:
        self.survey = survey
        self.options = options
        self.report = report
        self.now = now
        self.ledger = ImportLedger(survey.source, now, writes=not options.dry_run)
        self.people = authors.match_authors(survey.head.authors, survey.logins, options.authors)
        self.pictures = PictureImporter(
            survey, self.ledger, report, options.file_source, options.by
        )
        self.addresses = Addresses(survey)
        self.terms = TermImporter(survey, self.ledger, report)
        converter = ItemConverter(self.addresses, self.terms, self.pictures, self.people, zone)
        self.writer = PostWriter(self.addresses, converter, self.ledger, report, zone)
        self.comments = CommentImporter(
            survey.source, self._staff(), zone, now, writes=not options.dry_run
        )
        self._batch: list[ConvertedItem] = []

    def _staff(self) -> dict[str, Practitioner | None]:
        """Return practitioners by WordPress author ID; None for the practice's own account."""
        practice = PracticeProfile.load().name
        staff: dict[str, Practitioner | None] = {}
        for author in self.survey.head.authors:
            person = self.people.get(author.login)
            if author.id and (person is not None or author.name == practice):
                staff[author.id] = person
        return staff

    def prepare(self) -> None:
        for login, person in self.people.items():
            note = ("author_is", person.name) if person else ("author_unknown", "")
            self.report.add(ReportLine("", "author", login, notes=(note,)))
        with transaction.atomic():
            self.terms.import_terms()
            self._add_redirects(self.terms.redirects())
            self._add_redirects(addresses.list_redirects(self.addresses))
            self._add_redirects(addresses.author_redirects(self.addresses, self.people))

    def import_item(self, item: Item) -> None:
        converted = self.writer.prepare(item)
        if converted is None:
            self.comments.count_skipped(item.comments, "on_what_is_left_out")
            return
        self._batch.append(converted)
        if len(self._batch) >= BATCH_ITEMS:
            self._write()

    def _write(self) -> None:
        batch, self._batch = self._batch, []
        if self.options.dry_run:
            for converted in batch:
                self._write_one(converted)
            return
        with transaction.atomic():
            for converted in batch:
                self._write_one(converted)
            self._add_redirects(
                pair for converted in batch for pair in self._old_and_new_paths(converted)
            )

    def _write_one(self, converted: ConvertedItem) -> None:
        article = self.writer.write(converted)
        comments = converted.item.comments
        if converted.kind != "article":
            self.comments.count_skipped(comments, "on_pages")
        elif article is None and not self.options.dry_run:
            self.comments.count_skipped(comments, "on_what_is_left_out")
        else:
            self.comments.import_comments(article, comments)

    def _old_and_new_paths(self, converted: ConvertedItem) -> Iterator[tuple[str, str]]:
        """Yield redirects for public items only: a redirect would reveal the URL of a draft."""
        if converted.status.state == post_status.PUBLIC and converted.kind != "site page":
            known = self.survey.items[converted.item.id]
            new = self.addresses.paths[known.id]
            for old in [
                *self.addresses.old_paths(known),
                *site_export_meta.recorded_old_paths(converted.item),
            ]:
                yield old, new

    def _add_redirects(self, pairs: Iterable[tuple[str, str]]) -> None:
        if not self.options.dry_run:
            self.report.redirects += self.addresses.add_redirects(pairs)

    def finish(self) -> None:
        self._write()
        with transaction.atomic():
            self.writer.write_orphan_pages()
            self._add_redirects(addresses.attachment_redirects(self.addresses))
        self.pictures.import_unused()
        for kind, numbers in sorted(self.survey.others.items()):
            # Titles of plugin items may contain names: form plugins title entries by their sender.
            some = ", ".join(map(str, numbers[:MAX_LISTED_NUMBERS])) + (
                ", …" if len(numbers) > MAX_LISTED_NUMBERS else ""
            )
            notes = (("other_type", str(len(numbers))),)
            self.report.add(
                ReportLine(LEFT_OUT, kind, "" if kind in UNLISTED_TYPES else some, notes=notes)
            )
        self.report.comments = self.comments.counts
        if not self.options.dry_run:
            audit.record(
                action="import", by=self.options.by, model="wordpress", uuid=None, now=self.now
            )


# Fetching pictures from the former site, with the same protection as for connected calendars.
# Only URLs of the export's own files get here. They must be http or https, every IP address behind
# the host name must be public at each redirect, and the connection goes to the address that was
# checked.

PICTURE_FETCH_LIMITS = FetchLimits(connect_seconds=5.0, total_seconds=30.0, max_bytes=MAX_BYTES)


def skip_fetch(_path: str, _address: str) -> bytes | None:
    """Return empty data for a dry run, which sends no requests."""
    return b""


def fetch_picture(_path: str, address: str) -> bytes | None:
    """Download a picture; raise `FileMissing` with the reason if that fails."""
    try:
        return fetch_calendar(address, limits=PICTURE_FETCH_LIMITS).body
    except FetchError as fault:
        raise FileMissing(
            _("%(address)s could not be fetched (%(why)s).")
            % {"address": address, "why": fault.problem.label}
        ) from None

"""Write converted posts and pages to the database.

A second run changes nothing, and items that staff have edited are not overwritten.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import cast
from zoneinfo import ZoneInfo

from pages.articles.models import Article
from pages.site_pages.models import FreePage, SitePage
from pages.wordpress import post_status, site_export_meta
from pages.wordpress.addresses import Addresses
from pages.wordpress.convert import ConvertedItem, ItemConverter, item_digest
from pages.wordpress.html.markup import html_to_text
from pages.wordpress.models import ImportedKind, ImportLedger
from pages.wordpress.report import (
    IMPORTED,
    KEPT_EDITED,
    LEFT_OUT,
    SAME,
    UPDATED,
    ImportReport,
    ReportLine,
)
from pages.wordpress.survey import ITEM_KINDS
from pages.wordpress.wxr.records import Item


@dataclass
class PostWriter:
    """Convert and store items.

    `prepare` is slow and runs outside any transaction; `write` is short and runs inside one.
    """

    addresses: Addresses
    converter: ItemConverter
    ledger: ImportLedger
    report: ImportReport
    zone: ZoneInfo
    _seen: set[tuple[str, int]] = field(default_factory=set)
    _pages: dict[int, FreePage] = field(default_factory=dict)
    # Pages read before their parent page, keyed by the parent's ID.
    _waiting: dict[int, list[ConvertedItem]] = field(default_factory=dict)

    def prepare(self, item: Item) -> ConvertedItem | None:
        """Convert an item; return None if it is left out (the report says why)."""
        kind = ITEM_KINDS.get(item.type, "")
        if site_export_meta.site_page_key(item):
            return self.converter.convert_site_page(item)
        if not kind:
            if not item.type:
                # The type is unknown, so the title is not reported: it could be a private message.
                notes = (("cut_off", ""),)
                self.report.add(ReportLine(LEFT_OUT, "item", str(item.id or ""), notes=notes))
            return None
        standing = post_status.import_status(item, self.zone, self.ledger.now)
        if (kind, item.id) in self._seen or not item.id:
            standing = post_status.ImportStatus(
                post_status.LEFT_OUT, "twice" if item.id else "cut_off"
            )
        self._seen.add((kind, item.id))
        if standing.state == post_status.LEFT_OUT or item.id not in self.addresses.paths:
            why = ((standing.why or "cut_off", ""),)
            self.report.add(
                ReportLine(LEFT_OUT, kind, str(item.id or ""), html_to_text(item.title), notes=why)
            )
            return None
        return self.converter.convert(item, kind, standing)

    def write(self, wanted: ConvertedItem) -> Article | None:
        """Store an item in the caller's transaction; return the `Article`, or None for pages."""
        if wanted.kind == "site page":
            self._write_site_page(wanted)
            return None
        if wanted.kind == "page":
            self._write_page_tree(wanted)
            return None
        before = self.ledger.find(ImportedKind.ARTICLE, wanted.item.id)
        if before is None:
            return self._create_article(wanted)
        row = Article.objects.filter(pk=before.object_key).first()
        if row is None:
            self._report_line(LEFT_OUT, wanted, (("deleted_here", ""),))
            return None
        if before.digest == wanted.digest:
            self._report_line(SAME, wanted)
        elif before.digest != _stored_digest(row, wanted):
            self._report_line(KEPT_EDITED, wanted, (("edited_here", ""),))
        else:
            self._update_row(row, wanted)
        return row

    def write_orphan_pages(self) -> None:
        """Write the pages whose parent never appeared in the export."""
        for waiting in [one for several in self._waiting.values() for one in several]:
            self._write_page(waiting, None)
        self._waiting = {}

    # --- articles ---
    def _create_article(self, wanted: ConvertedItem) -> Article | None:
        row = Article(**wanted.fields, slug=self.addresses.slugs[wanted.item.id])
        if self.ledger.writes:
            row.save()
            self._join(row, wanted)
            self._set_dates(row, wanted)
            self.ledger.remember(ImportedKind.ARTICLE, wanted.item.id, row.pk, wanted.digest)
        self._report_line(IMPORTED, wanted)
        return row if self.ledger.writes else None

    def _update_row(self, row: Article | FreePage, wanted: ConvertedItem) -> None:
        for name, value in wanted.compared_fields.items():
            setattr(row, name, value)
        if self.ledger.writes:
            row.save()
            if wanted.kind == "article":
                self._join(cast("Article", row), wanted)
            self.ledger.remember(wanted.kind, wanted.item.id, row.pk, wanted.digest)
        self._report_line(UPDATED, wanted)

    def _join(self, row: Article, wanted: ConvertedItem) -> None:
        row.tags.set(wanted.tags)
        row.more_categories.set(wanted.further)

    def _set_dates(self, row: Article | FreePage, wanted: ConvertedItem) -> None:
        """Set created and last-changed times from the export, for the sitemap and feeds."""
        at = wanted.fields["published_at"]
        changed = post_status.parse_time("", wanted.item.modified_gmt, self.zone)
        changed = min(changed or at or self.ledger.now, self.ledger.now)
        values: dict[str, datetime] = {"updated_at": changed.astimezone(UTC)}
        if at is not None and at <= self.ledger.now:
            values["created_at"] = at
        type(row).objects.filter(pk=row.pk).update(**values)

    # --- pages ---
    def _write_site_page(self, wanted: ConvertedItem) -> None:
        """Write a built-in page from this site's own export, unless the page already has a text."""
        key = site_export_meta.site_page_key(wanted.item)
        before = SitePage.objects.filter(key=key).first()
        if before is not None:
            same = all(getattr(before, name) == value for name, value in wanted.fields.items())
            self.report.add(ReportLine(SAME if same else KEPT_EDITED, "page", key, before.title))
            return
        if self.ledger.writes:
            SitePage.objects.create(key=key, **wanted.fields)
        self.report.add(
            ReportLine(IMPORTED, "page", key, wanted.fields["title"], post_status.PUBLIC)
        )

    def _write_page_tree(self, wanted: ConvertedItem) -> None:
        parent = self.addresses.parents.get(wanted.item.id, 0)
        if parent and parent not in self._pages:
            self._waiting.setdefault(parent, []).append(wanted)
            return
        ready = [wanted]
        while ready:
            one = ready.pop()
            self._write_page(one, self._pages.get(self.addresses.parents.get(one.item.id, 0)))
            ready += self._waiting.pop(one.item.id, [])

    def _write_page(self, wanted: ConvertedItem, parent: FreePage | None) -> None:
        number = wanted.item.id
        before = self.ledger.find(ImportedKind.PAGE, number)
        if before is None:
            row = FreePage(**wanted.fields, slug=self.addresses.slugs[number], parent=parent)
            if self.ledger.writes:
                row.save()
                self._set_dates(row, wanted)
                self.ledger.remember(ImportedKind.PAGE, number, row.pk, wanted.digest)
            self._pages[number] = row
            self._report_line(IMPORTED, wanted)
            return
        found = FreePage.objects.filter(pk=before.object_key).first()
        if found is None:
            self._report_line(LEFT_OUT, wanted, (("deleted_here", ""),))
            return
        self._pages[number] = found
        if before.digest == wanted.digest:
            self._report_line(SAME, wanted)
        elif before.digest != _stored_digest(found, wanted):
            self._report_line(KEPT_EDITED, wanted, (("edited_here", ""),))
        else:
            self._update_row(found, wanted)

    def _report_line(
        self, verdict: str, wanted: ConvertedItem, notes: tuple[tuple[str, str], ...] | None = None
    ) -> None:
        self.report.add(
            ReportLine(
                verdict,
                wanted.kind,
                str(wanted.item.id),
                wanted.fields["title"],
                wanted.standing.state,
                self.addresses.paths[wanted.item.id],
                wanted.notes if notes is None else notes,
            )
        )


def _stored_digest(row: Article | FreePage, wanted: ConvertedItem) -> str:
    """Return the digest of the stored row, over the fields that an import writes."""
    fields: Mapping[str, object] = {name: getattr(row, name) for name in wanted.compared_fields}
    if isinstance(row, Article):
        return item_digest(fields, row.more_categories.all(), row.tags.all())
    return item_digest(fields, (), ())

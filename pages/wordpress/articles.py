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
        status = post_status.import_status(item, self.zone, self.ledger.now)
        if (kind, item.id) in self._seen or not item.id:
            status = post_status.ImportStatus(
                post_status.LEFT_OUT, "twice" if item.id else "cut_off"
            )
        self._seen.add((kind, item.id))
        if status.state == post_status.LEFT_OUT or item.id not in self.addresses.paths:
            notes = ((status.reason or "cut_off", ""),)
            self.report.add(
                ReportLine(
                    LEFT_OUT, kind, str(item.id or ""), html_to_text(item.title), notes=notes
                )
            )
            return None
        return self.converter.convert(item, kind, status)

    def write(self, converted: ConvertedItem) -> Article | None:
        """Store an item in the caller's transaction; return the `Article`, or None for pages."""
        if converted.kind == "site page":
            self._write_site_page(converted)
            return None
        if converted.kind == "page":
            self._write_page_tree(converted)
            return None
        before = self.ledger.find(ImportedKind.ARTICLE, converted.item.id)
        if before is None:
            return self._create_article(converted)
        row = Article.objects.filter(pk=before.object_key).first()
        self._update_imported(row, before.digest, converted)
        return row

    def write_orphan_pages(self) -> None:
        """Write the pages whose parent never appeared in the export."""
        for children in self._waiting.values():
            for converted in children:
                self._write_page(converted, None)
        self._waiting = {}

    # --- articles ---
    def _create_article(self, converted: ConvertedItem) -> Article | None:
        row = Article(**converted.fields, slug=self.addresses.slugs[converted.item.id])
        if self.ledger.writes:
            row.save()
            self._set_terms(row, converted)
            self._set_dates(row, converted)
            self.ledger.remember(ImportedKind.ARTICLE, converted.item.id, row.pk, converted.digest)
        self._report_line(IMPORTED, converted)
        return row if self.ledger.writes else None

    def _update_imported(
        self, row: Article | FreePage | None, digest: str, converted: ConvertedItem
    ) -> None:
        """Update a row of an earlier import, unless staff have edited or deleted it.

        `digest` is that of the values which the earlier import wrote.
        """
        if row is None:
            self._report_line(LEFT_OUT, converted, (("deleted_here", ""),))
        elif digest == converted.digest:
            self._report_line(SAME, converted)
        elif digest != _stored_digest(row, converted):
            self._report_line(KEPT_EDITED, converted, (("edited_here", ""),))
        else:
            self._update_row(row, converted)

    def _update_row(self, row: Article | FreePage, converted: ConvertedItem) -> None:
        for name, value in converted.compared_fields.items():
            setattr(row, name, value)
        if self.ledger.writes:
            row.save()
            if converted.kind == "article":
                self._set_terms(cast("Article", row), converted)
            self.ledger.remember(converted.kind, converted.item.id, row.pk, converted.digest)
        self._report_line(UPDATED, converted)

    def _set_terms(self, row: Article, converted: ConvertedItem) -> None:
        row.tags.set(converted.tags)
        row.more_categories.set(converted.further)

    def _set_dates(self, row: Article | FreePage, converted: ConvertedItem) -> None:
        """Set created and last-changed times from the export, for the sitemap and feeds."""
        at = converted.fields["published_at"]
        changed = post_status.parse_time("", converted.item.modified_gmt, self.zone)
        changed = min(changed or at or self.ledger.now, self.ledger.now)
        values: dict[str, datetime] = {"updated_at": changed.astimezone(UTC)}
        if at is not None and at <= self.ledger.now:
            values["created_at"] = at
        type(row).objects.filter(pk=row.pk).update(**values)

    # --- pages ---
    def _write_site_page(self, converted: ConvertedItem) -> None:
        """Write a built-in page from this site's own export, unless the page already has a text."""
        key = site_export_meta.site_page_key(converted.item)
        before = SitePage.objects.filter(key=key).first()
        if before is not None:
            same = all(getattr(before, name) == value for name, value in converted.fields.items())
            self.report.add(ReportLine(SAME if same else KEPT_EDITED, "page", key, before.title))
            return
        if self.ledger.writes:
            SitePage.objects.create(key=key, **converted.fields)
        self.report.add(
            ReportLine(IMPORTED, "page", key, converted.fields["title"], post_status.PUBLIC)
        )

    def _write_page_tree(self, converted: ConvertedItem) -> None:
        parent = self.addresses.parents.get(converted.item.id, 0)
        if parent and parent not in self._pages:
            self._waiting.setdefault(parent, []).append(converted)
            return
        ready = [converted]
        while ready:
            page = ready.pop()
            self._write_page(page, self._pages.get(self.addresses.parents.get(page.item.id, 0)))
            ready += self._waiting.pop(page.item.id, [])

    def _write_page(self, converted: ConvertedItem, parent: FreePage | None) -> None:
        number = converted.item.id
        before = self.ledger.find(ImportedKind.PAGE, number)
        if before is None:
            row = FreePage(**converted.fields, slug=self.addresses.slugs[number], parent=parent)
            if self.ledger.writes:
                row.save()
                self._set_dates(row, converted)
                self.ledger.remember(ImportedKind.PAGE, number, row.pk, converted.digest)
            self._pages[number] = row
            self._report_line(IMPORTED, converted)
            return
        page = FreePage.objects.filter(pk=before.object_key).first()
        if page is not None:
            self._pages[number] = page
        self._update_imported(page, before.digest, converted)

    def _report_line(
        self,
        verdict: str,
        converted: ConvertedItem,
        notes: tuple[tuple[str, str], ...] | None = None,
    ) -> None:
        self.report.add(
            ReportLine(
                verdict,
                converted.kind,
                str(converted.item.id),
                converted.fields["title"],
                converted.status.state,
                self.addresses.paths[converted.item.id],
                converted.notes if notes is None else notes,
            )
        )


def _stored_digest(row: Article | FreePage, converted: ConvertedItem) -> str:
    """Return the digest of the stored row, over the fields that an import writes."""
    fields: Mapping[str, object] = {name: getattr(row, name) for name in converted.compared_fields}
    if isinstance(row, Article):
        return item_digest(fields, row.more_categories.all(), row.tags.all())
    return item_digest(fields, (), ())

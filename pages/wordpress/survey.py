"""First pass over an export: collect what it contains and how items refer to each other.

No texts are kept, except blocks that several pages share.
"""

from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pages.wordpress import post_status, site_export_meta
from pages.wordpress.html.context import Attachment
from pages.wordpress.html.markup import html_to_text
from pages.wordpress.wxr.export_file import ExportReader
from pages.wordpress.wxr.records import ExportDamage, ExportHead, Item, ItemTerm

ITEM_KINDS = {"post": "article", "page": "page"}
MAX_SHARED_BLOCKS = 2_000  # blocks shared between pages, held in memory


@dataclass(frozen=True)
class ItemSummary:
    """What other items need to know about a post or page before it is converted."""

    id: int
    kind: str
    slug: str
    title: str
    link: str
    guid: str
    day: str
    parent: int
    state: str


@dataclass
class Survey:
    """What the first pass found in the file."""

    head: ExportHead
    damage: ExportDamage
    is_truncated: bool = False
    items: dict[int, ItemSummary] = field(default_factory=dict)
    attachments: dict[int, Attachment] = field(default_factory=dict)
    attachment_links: dict[int, str] = field(default_factory=dict)
    by_parent: dict[int, list[int]] = field(default_factory=dict)
    shared_blocks: dict[int, str] = field(default_factory=dict)
    # Categories and tags of imported items, as the items name them, by kind and slug.
    used_terms: dict[tuple[str, str], ItemTerm] = field(default_factory=dict)
    # (type, status) of every item in the file.
    counts: Counter[tuple[str, str]] = field(default_factory=Counter)
    others: dict[str, list[int]] = field(default_factory=dict)
    # Authors of imported items, including those that the head does not declare.
    logins: dict[str, None] = field(default_factory=dict)

    @property
    def host(self) -> str:
        return bare_host(self.head.address)

    @property
    def base_path(self) -> str:
        """The path of the former site, if it was in a subfolder; else ""."""
        try:
            return urlsplit(self.head.address).path.rstrip("/")
        except ValueError:
            return ""

    @property
    def source(self) -> str:
        """The former site's identifier, the same for http and https, with or without www."""
        return f"{self.host}{self.base_path}"[:200]

    @property
    def own_hosts(self) -> set[str]:
        return {host for host in (self.host, bare_host(self.head.link)) if host}

    def pictures_of(self, item: int) -> list[int]:
        return [number for number in self.by_parent.get(item, []) if number in self.attachments]


def survey_export(path: Path, *, zone: ZoneInfo, now: datetime) -> Survey:
    """Read the whole file once.

    Raises `UnreadableExport` if the file is not an export or exceeds a limit.
    """
    with path.open("rb") as file:
        export = ExportReader(file)
        survey = Survey(export.head, export.damage)
        for item in export.items():
            survey.counts[item.type, item.status] += 1
            _record_item(survey, item, zone, now)
        survey.is_truncated = export.is_truncated
    return survey


def _record_item(survey: Survey, item: Item, zone: ZoneInfo, now: datetime) -> None:
    kind = ITEM_KINDS.get(item.type, "")
    if site_export_meta.site_page_key(item):
        return
    if kind and item.id:
        state = post_status.import_status(item, zone, now).state
        if item.id not in survey.items and state != post_status.LEFT_OUT:
            survey.items[item.id] = ItemSummary(
                id=item.id,
                kind=kind,
                slug=item.slug,
                title=html_to_text(item.title),
                link=item.link,
                guid=item.guid,
                day=item.date[:10],
                parent=item.parent if kind == "page" else 0,
                state=state,
            )
            if item.creator:
                survey.logins[item.creator] = None
            if kind == "article":
                survey.used_terms |= {(term.kind, term_slug(term)): term for term in item.terms}
    elif item.type == "attachment" and item.id:
        survey.attachments[item.id] = Attachment(
            id=item.id,
            url=item.attachment_url or item.guid,
            alt=html_to_text(item.meta.get("_wp_attachment_image_alt", "")),
            caption=html_to_text(item.excerpt),
            title=html_to_text(item.title),
            parent=item.parent,
        )
        survey.attachment_links[item.id] = item.link
        survey.by_parent.setdefault(item.parent, []).append(item.id)
    elif item.type == "wp_block" and item.status == "publish":
        if len(survey.shared_blocks) < MAX_SHARED_BLOCKS:
            survey.shared_blocks[item.id] = item.content
    elif item.type:
        survey.others.setdefault(item.type, []).append(item.id)


def term_slug(term: ItemTerm) -> str:
    """Return the term's slug; old exports name a category without one."""
    return term.slug or "-".join(term.name.lower().split())


def bare_host(address: str) -> str:
    try:
        host = urlsplit(address).netloc.lower()
    except ValueError:
        return ""
    return host.removeprefix("www.")

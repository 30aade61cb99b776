"""Import comments from WordPress as if they had been written here.

Nobody gets an email. Addresses older than our retention are not imported; network addresses,
browsers and websites of commenters are never read.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from html import unescape
from html.parser import HTMLParser
from uuid import UUID
from zoneinfo import ZoneInfo

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _

from consultations.audit.models import Actor
from consultations.comments.models import Comment, CommentAction, CommentEvent, Status
from consultations.comments.rendering import RENDERER_VERSION, comment_html
from consultations.privacy.fingerprints import email_fingerprint
from pages.articles.models import Article
from pages.practice.models import Practitioner
from pages.wordpress.models import ImportedItem, ImportedKind
from pages.wordpress.post_status import parse_time
from pages.wordpress.wxr.records import ExportedComment

STATUS_BY_WORDPRESS_VALUE = {
    "1": Status.APPROVED,
    "approve": Status.APPROVED,
    "approved": Status.APPROVED,
    "0": Status.WAITING,
    "hold": Status.WAITING,
    "": Status.WAITING,  # unknown: staff decide
    "spam": Status.SPAM,
    "trash": Status.TRASH,
    "post-trashed": Status.TRASH,
}
COMMENT_TYPES = {"", "comment"}
PING_TYPES = {"pingback", "trackback", "webmention"}
MAX_NAME_CHARS = 120
BLOCK_TAGS = {
    "p", "div", "blockquote", "ul", "ol", "li", "pre", "h1", "h2", "h3", "h4", "h5", "h6", "tr",
    "dl", "dt", "dd", "address", "figure", "figcaption", "table",
}  # fmt: skip
SKIPPED_TAGS = {"script", "style", "iframe", "object", "noscript", "template"}


@dataclass
class CommentImporter:
    """Import the comments of one article after another; `counts` has the results by kind."""

    source: str
    # Practitioners by WordPress user id; None is staff without a profile: the practice itself.
    staff: Mapping[str, Practitioner | None]
    zone: ZoneInfo
    now: datetime
    writes: bool = True

    def __post_init__(self) -> None:
        self.counts: Counter[str] = Counter()
        rows = ImportedItem.objects.of(self.source, ImportedKind.COMMENT)
        self._known = dict(rows.values_list("key", "object_key"))
        self._seen: set[int] = set()

    def count_skipped(self, comments: Iterable[ExportedComment], reason: str) -> None:
        """Count comments on posts that do not become articles."""
        for exported in comments:
            self.counts[reason if exported.type in COMMENT_TYPES else _skip_reason(exported)] += 1

    def import_comments(self, article: Article | None, comments: Iterable[ExportedComment]) -> None:
        """Import the comments of an article, in the caller's transaction.

        Without an article (a dry run) they are only counted.
        """
        wanted = [exported for exported in comments if self._is_wanted(exported)]
        rows = {exported.id: self._build_comment(exported, article) for exported in wanted}
        parents = {exported.id: exported.parent for exported in wanted}
        for number, row in rows.items():
            if row is not None:
                row.parent_id = self._parent_key(number, rows, parents)
        new = [row for row in rows.values() if row is not None]
        if not self.writes or article is None:
            return
        Comment.objects.bulk_create(_sort_parents_first(new))
        CommentEvent.objects.bulk_create(_import_event(row, self.now) for row in new)
        ImportedItem.objects.bulk_create(
            ImportedItem(
                source=self.source,
                kind=ImportedKind.COMMENT,
                key=str(number),
                object_key=str(row.pk),
                imported_at=self.now,
            )
            for number, row in rows.items()
            if row is not None
        )
        self._known |= {str(number): str(row.pk) for number, row in rows.items() if row}

    def _is_wanted(self, exported: ExportedComment) -> bool:
        if exported.type not in COMMENT_TYPES:
            self.counts[_skip_reason(exported)] += 1
        elif str(exported.id) in self._known:
            self.counts["same"] += 1
        elif exported.id in self._seen:
            self.counts["twice"] += 1
        elif not exported.text.strip() or not html_to_text(exported.text):
            self.counts["empty"] += 1
        elif exported.approved not in STATUS_BY_WORDPRESS_VALUE:
            self.counts["unknown_status"] += 1
        else:
            self._seen.add(exported.id)
            return True
        return False

    def _build_comment(self, exported: ExportedComment, article: Article | None) -> Comment | None:
        status = STATUS_BY_WORDPRESS_VALUE[exported.approved]
        self.counts[status] += 1
        by_practice, practitioner = self._author(exported)
        created_at = parse_time(exported.date, exported.date_gmt, self.zone) or self.now
        created_at = min(created_at, self.now)
        email = "" if by_practice else self._email(exported, created_at)
        if article is None:
            return None
        name = practitioner.name if practitioner else clean_author_name(exported.name)
        row = Comment(
            article=article,
            status=status,
            status_before=Status.WAITING if status == Status.TRASH else "",
            by_practice=by_practice,
            practitioner=practitioner,
            name=name,
            email=email,
            email_fingerprint=email_fingerprint(email),
            text=html_to_text(exported.text),
            created_at=created_at,
            # Retention of spam and trash starts at the import, so that staff can look first.
            status_changed_at=self.now,
        )
        if status == Status.APPROVED:
            row.published_name = name
            row.published_html = comment_html(row.text)
            row.renderer_version = RENDERER_VERSION
            row.published_at = row.status_changed_at = created_at
        return row

    def _author(self, exported: ExportedComment) -> tuple[bool, Practitioner | None]:
        """Return whether staff wrote it, by user id: anybody can type an email address."""
        by_practice = exported.user_id not in ("", "0") and exported.user_id in self.staff
        return by_practice, self.staff[exported.user_id] if by_practice else None

    def _email(self, exported: ExportedComment, created_at: datetime) -> str:
        if created_at <= self.now - timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS):
            if exported.email:
                self.counts["email_past_its_time"] += 1
            return ""
        try:
            validate_email(exported.email)
        except ValidationError:
            return ""
        return exported.email

    def _parent_key(
        self,
        number: int,
        rows: Mapping[int, Comment | None],
        parents: Mapping[int, int],
    ) -> UUID | None:
        """Return the key of the parent, if it was imported and is not part of a circle."""
        parent = parents[number]
        if known := self._known.get(str(parent)):
            return UUID(known) if Comment.objects.filter(pk=known).exists() else None
        ancestor, seen = parent, {number}
        while ancestor in parents and ancestor not in seen:
            seen.add(ancestor)
            ancestor = parents[ancestor]
        row = rows.get(parent)
        return row.pk if row is not None and ancestor not in seen else None


def _skip_reason(exported: ExportedComment) -> str:
    return "pingback" if exported.type in PING_TYPES else "other_type"


def _import_event(row: Comment, now: datetime) -> CommentEvent:
    return CommentEvent(
        comment=row,
        number=0,
        at=now,
        actor=Actor.SYSTEM,
        act=CommentAction.IMPORT,
        after=row.status,
    )


def _sort_parents_first(rows: list[Comment]) -> list[Comment]:
    keys = {row.pk: row for row in rows}

    def depth(row: Comment) -> int:
        levels, parent = 0, row.parent_id
        while parent in keys:
            levels, parent = levels + 1, keys[parent].parent_id
        return levels

    return sorted(rows, key=depth)


def clean_author_name(html: str) -> str:
    """Return a name that may be published; "Anonymous" for an empty one or an email address."""
    name = " ".join(html_to_text(html).split())
    name = "".join(char for char in name if char.isprintable())
    return name[:MAX_NAME_CHARS] if name and "@" not in name else _("Anonymous")


def html_to_text(html: str) -> str:
    """Return a comment's HTML as plain text with its line breaks."""
    extractor = _TextExtractor()
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    extractor.feed(re.sub(r"<br\s{0,5}/?>\n?", "<br>", html))
    extractor.close()
    text = re.sub(r"[ \t\xa0]+(?=\n)", "", "".join(extractor.parts))
    text = "".join(char for char in text if char >= " " or char in "\n\t")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _TextExtractor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._skipped_depth = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED_TAGS:
            self._skipped_depth += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in BLOCK_TAGS:
            self.parts.append("\n\n" if tag not in {"li", "tr"} else "\n")
            self.parts.append("– " if tag == "li" else "")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if tag in SKIPPED_TAGS:
            self._skipped_depth = max(0, self._skipped_depth - 1)
        elif tag in BLOCK_TAGS - {"li", "tr"}:
            self.parts.append("\n\n")
        elif tag == "a" and self._links:
            href, start = self._links.pop()
            label = "".join(self.parts[start:]).strip()
            if href.startswith(("http://", "https://")) and unescape(href) not in label:
                self.parts.append(f" ({href})")

    def handle_data(self, data: str) -> None:
        if not self._skipped_depth:
            self.parts.append(data)

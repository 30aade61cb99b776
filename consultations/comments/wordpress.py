"""Comments of the practice's former site: kept as if they had been written here.

Nobody is mailed. An address that is past its time here is not taken at all; network addresses,
browsers and websites of commenters are not even read.
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

from consultations.comments.models import Actor, Comment, CommentAction, CommentEvent, Status
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
    "": Status.WAITING,  # nothing is said of it: staff decide
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
    """Takes the comments of one article after another; `counts` says what became of them."""

    source: str
    # Practitioners by their number on the former site; None speaks for the practice.
    staff: Mapping[str, Practitioner | None]
    zone: ZoneInfo
    now: datetime
    writes: bool = True

    def __post_init__(self) -> None:
        self.counts: Counter[str] = Counter()
        rows = ImportedItem.objects.of(self.source, ImportedKind.COMMENT)
        self._known = dict(rows.values_list("key", "object_key"))
        self._seen: set[int] = set()

    def count_skipped(self, comments: Iterable[ExportedComment], why: str) -> None:
        """Comments under what is not an article here."""
        for one in comments:
            self.counts[why if one.type in COMMENT_TYPES else _skip_reason(one)] += 1

    def take(self, article: Article | None, comments: Iterable[ExportedComment]) -> None:
        """In the caller's transaction, with the article's row. Without one nothing is stored."""
        wanted = [one for one in comments if self._is_wanted(one)]
        rows = {one.id: self._build_comment(one, article) for one in wanted}
        parents = {one.id: one.parent for one in wanted}
        for number, row in rows.items():
            if row is not None:
                row.parent_id = self._parent(number, rows, parents)
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

    def _is_wanted(self, one: ExportedComment) -> bool:
        if one.type not in COMMENT_TYPES:
            self.counts[_skip_reason(one)] += 1
        elif str(one.id) in self._known:
            self.counts["same"] += 1
        elif one.id in self._seen:
            self.counts["twice"] += 1
        elif not one.text.strip() or not html_to_text(one.text):
            self.counts["empty"] += 1
        elif one.approved not in STATUS_BY_WORDPRESS_VALUE:
            self.counts["unknown_status"] += 1
        else:
            self._seen.add(one.id)
            return True
        return False

    def _build_comment(self, one: ExportedComment, article: Article | None) -> Comment | None:
        status = STATUS_BY_WORDPRESS_VALUE[one.approved]
        self.counts[status] += 1
        is_ours, person = self._author(one)
        at = parse_time(one.date, one.date_gmt, self.zone) or self.now
        at = min(at, self.now)
        email = "" if is_ours else self._email(one, at)
        if article is None:
            return None
        name = person.name if person else clean_author_name(one.name)
        row = Comment(
            article=article,
            status=status,
            status_before=Status.WAITING if status == Status.TRASH else "",
            by_practice=is_ours,
            practitioner=person,
            name=name,
            email=email,
            email_fingerprint=email_fingerprint(email),
            text=html_to_text(one.text),
            created_at=at,
            # The days in which spam and trash go are counted from here: staff can look first.
            status_changed_at=self.now,
        )
        if status == Status.APPROVED:
            row.published_name = name
            row.published_html = comment_html(row.text)
            row.renderer_version = RENDERER_VERSION
            row.published_at = row.status_changed_at = at
        return row

    def _author(self, one: ExportedComment) -> tuple[bool, Practitioner | None]:
        """Staff by their number there; anybody can type an address into a form."""
        is_ours = one.user_id not in ("", "0") and one.user_id in self.staff
        return is_ours, self.staff[one.user_id] if is_ours else None

    def _email(self, one: ExportedComment, at: datetime) -> str:
        if at <= self.now - timedelta(days=settings.COMMENT_EMAIL_RETENTION_DAYS):
            if one.email:
                self.counts["email_past_its_time"] += 1
            return ""
        try:
            validate_email(one.email)
        except ValidationError:
            return ""
        return one.email

    def _parent(
        self,
        number: int,
        rows: Mapping[int, Comment | None],
        parents: Mapping[int, int],
    ) -> UUID | None:
        """The comment it answers, if it is here and does not in turn answer this one."""
        parent = parents[number]
        if known := self._known.get(str(parent)):
            return UUID(known) if Comment.objects.filter(pk=known).exists() else None
        above, seen = parent, {number}
        while above in parents and above not in seen:
            seen.add(above)
            above = parents[above]
        row = rows.get(parent)
        return row.pk if row is not None and above not in seen else None


def _skip_reason(one: ExportedComment) -> str:
    return "pingback" if one.type in PING_TYPES else "other_type"


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
        steps, above = 0, row.parent_id
        while above in keys:
            steps, above = steps + 1, keys[above].parent_id
        return steps

    return sorted(rows, key=depth)


def clean_author_name(written: str) -> str:
    words = " ".join(html_to_text(written).split())
    words = "".join(char for char in words if char.isprintable())
    # An address instead of a name is never published, even by who typed it there.
    return words[:MAX_NAME_CHARS] if words and "@" not in words else _("Anonymous")


def html_to_text(html: str) -> str:
    """A comment's HTML as the plain text that comments are here; line ends stay."""
    reader = _TextExtractor()
    html = html.replace("\r\n", "\n").replace("\r", "\n")
    reader.feed(re.sub(r"<br\s{0,5}/?>\n?", "<br>", html))
    reader.close()
    text = re.sub(r"[ \t\xa0]+(?=\n)", "", "".join(reader.parts))
    text = "".join(char for char in text if char >= " " or char in "\n\t")
    return re.sub(r"\n{3,}", "\n\n", text).strip()


class _TextExtractor(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parts: list[str] = []
        self._silent = 0
        self._links: list[tuple[str, int]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag in SKIPPED_TAGS:
            self._silent += 1
        elif tag == "br":
            self.parts.append("\n")
        elif tag in BLOCK_TAGS:
            self.parts.append("\n\n" if tag not in {"li", "tr"} else "\n")
            self.parts.append("– " if tag == "li" else "")
        elif tag == "a":
            self._links.append((dict(attrs).get("href") or "", len(self.parts)))

    def handle_endtag(self, tag: str) -> None:
        if tag in SKIPPED_TAGS:
            self._silent = max(0, self._silent - 1)
        elif tag in BLOCK_TAGS - {"li", "tr"}:
            self.parts.append("\n\n")
        elif tag == "a" and self._links:
            href, start = self._links.pop()
            words = "".join(self.parts[start:]).strip()
            if href.startswith(("http://", "https://")) and unescape(href) not in words:
                self.parts.append(f" ({href})")

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.parts.append(data)

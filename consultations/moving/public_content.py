"""What every reader can see at one moment, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from consultations.comments.models import Comment
from pages.articles.models import Article, Category, Tag
from pages.media.models import Picture
from pages.media.rendering import picture_ids
from pages.practice.models import PracticeProfile, Practitioner
from pages.publishing.redirects import Redirect
from pages.site_pages.models import FreePage, SitePage


@dataclass
class Public:
    """What is public at one moment, with the numbers it gets in the file."""

    now: datetime
    numbers: dict[tuple[str, Any], int] = field(default_factory=dict)
    pictures: dict[UUID, Picture] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.practice = PracticeProfile.load()
        articles = Article.objects.published(self.now)
        self.articles = articles.select_related("author", "category", "cover").order_by("pk")
        self.pages = FreePage.objects.published(self.now).order_by("path")
        self.people = list(Practitioner.objects.published())
        self.site_pages = list(SitePage.objects.order_by("key"))
        self.categories = self._topics()
        self.tags = list(Tag.objects.filter(articles__in=articles).distinct())
        self.old_paths: dict[str, list[str]] = {}
        for old, new in Redirect.objects.order_by("pk").values_list("old_path", "new_path"):
            self.old_paths.setdefault(new, []).append(old)

    def _topics(self) -> list[Category]:
        """With the wider ones above them; a topic of drafts only is nobody's business."""
        everything = {row.pk: row for row in Category.objects.select_related("parent")}
        used = set(self.articles.values_list("category", flat=True))
        used |= set(
            self.articles.exclude(more_categories=None).values_list("more_categories", flat=True)
        )
        for pk in list(used):
            above = everything[pk].parent_id
            while above and above not in used:
                used.add(above)
                above = everything[above].parent_id
        return [row for pk, row in everything.items() if pk in used]

    def number(self, kind: str, key: Any) -> int:
        return self.numbers.setdefault((kind, key), len(self.numbers) + 1)

    def find_pictures(self) -> None:
        """Those that a public text or cover shows, and no other of the library."""
        wanted: dict[UUID, None] = {}
        for article in self.articles.iterator(chunk_size=100):
            wanted |= dict.fromkeys(picture_ids(article.body, article.references))
            if article.cover_id:
                wanted[article.cover_id] = None
        for page in self.pages.iterator(chunk_size=100):
            wanted |= dict.fromkeys(picture_ids(page.body))
        self.pictures = {row.pk: row for row in Picture.objects.filter(pk__in=wanted)}

    def comments(self, article: Article) -> Iterator[tuple[Comment, int, int]]:
        """Published ones as readers see them, with their number and that of what they answer."""
        rows = list(
            Comment.objects.published()
            .filter(article=article)
            .only("uuid", "parent_id", "published_name", "published_html", "published_at",
                  "by_practice", "practitioner_id")
            .order_by("published_at", "public_id")
        )  # fmt: skip
        shown = {row.pk for row in rows}
        for row in rows:
            parent = row.parent_id if row.parent_id in shown else None
            yield (
                row,
                self.number("comment", row.pk),
                self.number("comment", parent) if parent else 0,
            )


def file_name(picture: Picture) -> str:
    return f"{picture.pk}.jpg"

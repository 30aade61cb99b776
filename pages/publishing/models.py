"""Base classes of articles and pages, and the reusable blocks that their texts contain.

A block is written once, shown in many texts, and read each time a page is rendered.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Self, Unpack, cast

from django.core.exceptions import ValidationError
from django.db import models
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.practice.models import Fee, FrequentQuestion
from pages.practice.offers import fee_rows, question_rows
from pages.practice.profile import PracticeFacts, get_practice_facts
from pages.text.fields import CleanHTMLField
from pages.text.outline import find_marker_names, prepare_text, replace_markers
from pages.text.search_mixin import SaveOptions, Searchable, SearchableQuerySet


class Status(models.TextChoices):
    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")


class ReviewableQuerySet(SearchableQuerySet):
    def due_for_review(self, today: date) -> Self:
        return self.filter(review_on__lte=today)


class Reviewable(models.Model):
    """A page whose facts can become outdated: fees, licenses, insurance."""

    review_on = models.DateField(
        _("look at it again by"),
        null=True,
        blank=True,
        help_text=_("From this day on the first page of the admin reminds you. Nothing else."),
    )

    class Meta:
        abstract = True


class PublishableQuerySet(ReviewableQuerySet):
    def published(self, now: datetime | None = None) -> Self:
        """Return rows that are public at `now`; the query compares times, so no job has to run."""
        return self.filter(status=Status.PUBLISHED, published_at__lte=now or timezone.now())


class Publishable(Searchable, Reviewable):
    """A page that is a draft, scheduled or public."""

    search_title = models.CharField(
        _("title for search engines"),
        max_length=120,
        blank=True,
        help_text=_("Left empty, the title. About 60 letters are shown."),
    )
    search_description = models.CharField(
        _("description for search engines"),
        max_length=200,
        blank=True,
        help_text=_("Left empty, the summary. About 150 letters are shown."),
    )
    status = models.CharField(
        _("status"), max_length=10, choices=Status.choices, default=Status.DRAFT
    )
    published_at = models.DateTimeField(
        _("published at"),
        null=True,
        blank=True,
        help_text=_(
            "Set a time in the future to schedule. Left empty, publishing sets the present time."
        ),
    )
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    class Meta(Reviewable.Meta):
        abstract = True

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        if self.status == Status.PUBLISHED and self.published_at is None:
            self.published_at = timezone.now()
            if kwargs.get("update_fields") is not None:
                kwargs["update_fields"] = {
                    *cast("Iterable[str]", kwargs["update_fields"]),
                    "published_at",
                }
        super().save(*args, **kwargs)

    def is_public(self, now: datetime | None = None) -> bool:
        if self.status != Status.PUBLISHED or self.published_at is None:
            return False
        return self.published_at <= (now or timezone.now())

    @property
    def lastmod(self) -> datetime:
        """When readers could last see something new here; sitemaps and feeds show it."""
        return max(time for time in (self.updated_at, self.published_at) if time)


# --- reusable blocks ---


class BlockKind(models.TextChoices):
    WORDS = "words", _("Our own words")
    CALL = "call", _("Call to the free consultation")
    CRISIS = "crisis", _("Help in a crisis")
    QUESTIONS = "questions", _("Questions and answers")
    FEES = "fees", _("Table of fees")


# Available without a row; a row of the same name replaces one.
DEFAULT_BLOCKS = {
    "free-consultation": BlockKind.CALL,
    "crisis-box": BlockKind.CRISIS,
    "questions": BlockKind.QUESTIONS,
    "fee-table": BlockKind.FEES,
}


class ReusableBlock(models.Model):
    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(
        _("marker"),
        max_length=60,
        unique=True,
        help_text=_("A text shows the block where [[marker]] stands alone in a paragraph."),
    )
    kind = models.CharField(
        _("kind"), max_length=10, choices=BlockKind.choices, default=BlockKind.WORDS
    )
    heading = models.CharField(
        _("heading"), max_length=120, blank=True, help_text=_("Left empty, the usual one is used.")
    )
    body = CleanHTMLField(
        _("text"), blank=True, help_text=_("For a block of your own words, or below a heading.")
    )
    questions = models.ManyToManyField(
        FrequentQuestion,
        verbose_name=_("questions"),
        blank=True,
        related_name="+",
        help_text=_("Which ones to show. None chosen: all."),
    )
    updated_at = models.DateTimeField(_("saved at"), auto_now=True)

    class Meta:
        verbose_name = _("reusable block")
        verbose_name_plural = _("reusable blocks")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def clean(self) -> None:
        if self.kind == BlockKind.WORDS and not self.body:
            raise ValidationError({"body": _("Write the words that this block is to show.")})


@dataclass(frozen=True)
class BlockChoice:
    """A block as the editor offers it."""

    slug: str
    name: str


def block_choices() -> list[BlockChoice]:
    """Return the practice's own blocks by name, then the default ones."""
    rows = [BlockChoice(row.slug, row.name) for row in ReusableBlock.objects.only("slug", "name")]
    taken = {row.slug for row in rows}
    defaults = [BlockChoice(slug, str(kind.label)) for slug, kind in DEFAULT_BLOCKS.items()]
    return rows + [choice for choice in defaults if choice.slug not in taken]


def find_unknown_blocks(html: str) -> list[str]:
    """Return markers in HTML that name no block."""
    names = find_marker_names(html)
    if not names:
        return []
    known = set(ReusableBlock.objects.filter(slug__in=names).values_list("slug", flat=True))
    return [name for name in names if name not in known and name not in DEFAULT_BLOCKS]


def expand_blocks(html: str) -> str:
    """Replace the markers in cleaned HTML by their blocks; unknown markers by nothing."""
    names = find_marker_names(html)
    if not names:
        return html
    rows = _find_blocks(names)
    facts = get_practice_facts()
    rendered = {name: _render_block(rows[name], facts) for name in names if name in rows}
    return replace_markers(html, lambda name: rendered.get(name, ""))


def expand_text_blocks(html: str) -> str:
    """Replace the markers in a feed's HTML: text blocks are expanded, other kinds left out."""
    names = find_marker_names(html)
    texts = {name: row for name, row in _find_blocks(names).items() if row.kind == BlockKind.WORDS}
    return replace_markers(html, lambda name: _render_body(texts[name]) if name in texts else "")


def _find_blocks(names: list[str]) -> dict[str, ReusableBlock]:
    if not names:
        return {}
    rows = ReusableBlock.objects.filter(slug__in=names).prefetch_related("questions")
    defaults = {
        name: ReusableBlock(slug=name, kind=DEFAULT_BLOCKS[name])
        for name in names
        if name in DEFAULT_BLOCKS
    }
    return defaults | {row.slug: row for row in rows}


def _render_block(row: ReusableBlock, facts: PracticeFacts) -> str:
    context: dict[str, object] = {
        "block": row,
        "text": _render_body(row),
        "practice": facts.practice,
    }
    if row.kind == BlockKind.CALL:
        context["call"] = facts.practice.call_to_action()
    elif row.kind == BlockKind.CRISIS:
        context["crisis_lines"] = facts.crisis_lines
    elif row.kind == BlockKind.QUESTIONS:
        chosen = list(row.questions.all()) if row.pk else []
        context["questions"] = question_rows(chosen or FrequentQuestion.objects.all())
    elif row.kind == BlockKind.FEES:
        context["fees"] = fee_rows(Fee.objects.shown(), facts.practice.currency)
    return render_to_string(f"pages/blocks/{BlockKind(row.kind).value}.html", context)


def _render_body(row: ReusableBlock) -> str:
    # Markers inside a block are dropped: a block could contain itself.
    return replace_markers(prepare_text(row.body).html, lambda _name: "")

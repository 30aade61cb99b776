"""Articles, their categories and tags."""

from datetime import date, datetime, timedelta
from typing import Unpack
from zoneinfo import ZoneInfo

from django.conf import settings
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.core.exceptions import ValidationError
from django.db import models
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.media.models import Picture
from pages.practice.people import Practitioner
from pages.practice.profile import PracticeProfile
from pages.publishing.models import Publishable, PublishableQuerySet, Status
from pages.scenes import SCENE_CHOICES
from pages.text import outline
from pages.text.cleaning import clean_html
from pages.text.fields import CleanHTMLField, FoldedTextField
from pages.text.search_mixin import SaveOptions, Searchable, SearchableQuerySet

MIN_ARTICLES_PER_TAG = 2  # the page of a tag with one article only repeats that article
# Taken by other URLs below /articles/; years are too.
RESERVED_SLUGS = frozenset({"category", "feed", "tag"})


def validate_article_slug(value: str) -> None:
    """Refuse slugs that other URLs below /articles/ use."""
    if value in RESERVED_SLUGS or (value.isdigit() and len(value) == 4):
        raise ValidationError(_("Another page already has this address. Choose other words."))


class TopicQuerySet(SearchableQuerySet):
    pass


class CategoryQuerySet(TopicQuerySet):
    def with_articles(self, now: datetime | None = None) -> "CategoryQuerySet":
        """Return categories with public articles, and their parents.

        The name of a category that only drafts have must not be public yet.
        """
        public = Article.objects.published(now).order_by()
        further = Article.more_categories.through.objects.filter(article__in=public.values("pk"))
        used = Category.objects.filter(
            models.Q(pk__in=public.values("category")) | models.Q(pk__in=further.values("category"))
        ).order_by()
        return self.filter(
            models.Q(pk__in=used.values("pk")) | models.Q(pk__in=used.values("parent"))
        )


class Category(Searchable):
    """A topic; every article has one."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address"), max_length=80, unique=True)
    parent = models.ForeignKey(
        "self",
        verbose_name=_("belongs to"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="children",
        help_text=_("The wider topic. Its page also lists the articles of this one."),
    )
    summary = models.TextField(_("summary"), blank=True)
    order = models.PositiveSmallIntegerField(_("order"), default=0)

    searched_fields = frozenset({"name", "summary"})
    objects = CategoryQuerySet.as_manager()

    class Meta:
        verbose_name = _("category")
        verbose_name_plural = _("categories")
        ordering = ["order", "name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pages:category_detail", args=[self.slug])

    def feed_urls(self) -> list[str]:
        names = ("pages:category_feed_rss", "pages:category_feed_atom")
        return [reverse(name, args=[self.slug]) for name in names]

    def clean(self) -> None:
        if self.pk and self.parent_id in {row.pk for row in self.with_descendants()}:
            raise ValidationError({"parent": _("A topic cannot belong to itself.")})

    def with_descendants(self) -> list["Category"]:
        """Return this category and all below it, at any depth; one query."""
        below: dict[int, list[Category]] = {}
        for row in Category.objects.exclude(parent=None):
            below.setdefault(row.parent_id or 0, []).append(row)
        family, seen = [self], {self.pk}
        for row in family:
            family += [child for child in below.get(row.pk, []) if child.pk not in seen]
            seen.update(child.pk for child in below.get(row.pk, []))
        return family


class Tag(Searchable):
    """A keyword that several articles share."""

    name = models.CharField(_("name"), max_length=80, unique=True)
    slug = models.SlugField(_("address"), max_length=80, unique=True)

    searched_fields = frozenset({"name"})
    objects = TopicQuerySet.as_manager()

    class Meta:
        verbose_name = _("tag")
        verbose_name_plural = _("tags")
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("pages:tag_detail", args=[self.slug])


class ArticleQuerySet(PublishableQuerySet):
    def accessible_to(self, user: AbstractUser | AnonymousUser) -> "ArticleQuerySet":
        """Return the articles that a staff user may work on.

        All with the permission for it; else those they are the author of, and those they began
        that have no author.
        """
        if user.has_perm("pages.change_everybodys_article"):
            return self
        if user.pk is None:
            return self.none()
        own = models.Q(author__user=user.pk) | models.Q(author=None, begun_by=user.pk)
        return self.filter(own)

    def for_cards(self) -> "ArticleQuerySet":
        """Load what a card shows, without the long texts."""
        return self.select_related("category", "cover").defer("body", "references", "search_text")

    def in_category(self, category: Category) -> "ArticleQuerySet":
        """Return articles of a category or one below it, as first or further category."""
        topics = category.with_descendants()
        further = Article.more_categories.through.objects.filter(category__in=topics)
        return self.filter(
            models.Q(category__in=topics) | models.Q(pk__in=further.values("article"))
        )


class Article(Publishable):
    """An article that visitors read and may comment on."""

    title = models.CharField(_("title"), max_length=255)
    slug = models.SlugField(
        _("address"), max_length=120, unique=True, validators=[validate_article_slug]
    )
    summary = models.CharField(
        _("summary"),
        max_length=300,
        blank=True,
        help_text=_("One or two sentences, for cards, search engines and the top of the article."),
    )
    body = CleanHTMLField(_("text"), blank=True)
    references = CleanHTMLField(
        _("references"), blank=True, help_text=_("The works the text relies on.")
    )
    author = models.ForeignKey(
        Practitioner,
        verbose_name=_("author"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="articles",
    )
    reviewed_by = models.ForeignKey(
        Practitioner,
        verbose_name=_("reviewed by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="reviewed_articles",
        help_text=_("Readers see who checked the article, if it’s not the author."),
    )
    review_requested_at = models.DateTimeField(
        _("review requested"), null=True, blank=True, editable=False
    )
    # An article without an author belongs to the user who began it.
    begun_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("begun by"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        editable=False,
        related_name="+",
    )
    category = models.ForeignKey(
        Category, verbose_name=_("category"), on_delete=models.PROTECT, related_name="articles"
    )
    more_categories = models.ManyToManyField(
        Category,
        verbose_name=_("further categories"),
        blank=True,
        related_name="further_articles",
        help_text=_("Their pages list this article too."),
    )
    tags = models.ManyToManyField(Tag, verbose_name=_("tags"), blank=True, related_name="articles")
    scene = models.CharField(
        _("drawn cover"),
        max_length=12,
        choices=SCENE_CHOICES,
        blank=True,
        help_text=_("Shown while there is no photo. Left empty, one is chosen for you."),
    )
    cover = models.ForeignKey(
        Picture,
        verbose_name=_("cover"),
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="+",
        help_text=_("Without one, a picture is drawn for the article."),
    )
    comments_are_open = models.BooleanField(_("comments open"), default=True)
    comments_close_on = models.DateField(
        _("last day for comments"),
        null=True,
        blank=True,
        help_text=_("Left empty, the rule of the practice holds."),
    )
    call_to_action_heading = models.CharField(
        _("heading of the closing call"),
        max_length=120,
        blank=True,
        help_text=_("Left empty, the words of the practice are used."),
    )
    call_to_action_text = models.TextField(_("text of the closing call"), blank=True)
    updated_on = models.DateField(
        _("materially changed on"),
        null=True,
        blank=True,
        help_text=_("Shown as “Updated”. Leave it empty for small corrections."),
    )
    story_is_composite = models.BooleanField(
        _("stories are composite or disguised"),
        default=False,
        help_text=_("Nobody in this text could be recognised, not even by themselves."),
    )
    # Only the date: who agreed is on the paper in the practice's own files.
    praise_permitted_on = models.DateField(
        _("permission to quote praise"),
        null=True,
        blank=True,
        help_text=_(
            "The day on which the person quoted agreed in writing. Keep the paper in your own "
            "files; their name belongs there, not here."
        ),
    )
    reading_minutes = models.PositiveSmallIntegerField(_("reading time"), default=1, editable=False)
    # No JSONField: SQLite refuses its check constraint with trusted_schema off.
    anchors = models.TextField(
        _("anchors of headings"),
        blank=True,
        default="",
        editable=False,
        help_text=_("One a line: the id, a tab, the heading."),
    )
    search_text = FoldedTextField(sources=("title", "summary", "body"))

    searched_fields = frozenset({"title", "summary", "body", "status", "published_at"})

    objects = ArticleQuerySet.as_manager()

    class Meta:
        verbose_name = _("article")
        verbose_name_plural = _("articles")
        ordering = ["-published_at", "-pk"]
        indexes = [
            models.Index(fields=["status", "-published_at", "-id"], name="article_published"),
        ]
        permissions = [
            ("change_everybodys_article", _("Can write in everybody’s articles, not only in own")),
            ("publish_article", _("Can publish articles and take them back")),
        ]

    def __str__(self) -> str:
        return self.title

    def save(self, *args: object, **kwargs: Unpack[SaveOptions]) -> None:
        self.reading_minutes = outline.reading_minutes(self.body)
        self.anchors = outline.join_anchors(
            outline.extract_headings(clean_html(self.body), self.anchors)
        )
        fields = kwargs.get("update_fields")
        if fields is None and self.status == Status.PUBLISHED:
            self.review_requested_at = None  # whoever published it has read it
        if fields is not None and {"title", "summary", "body"} & set(fields):
            kwargs["update_fields"] = {*fields, "reading_minutes", "anchors", "search_text"}
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return reverse("pages:article_detail", args=[self.slug])

    def request_review(self, *, now: datetime) -> None:
        """Put the article on the list of those who publish."""
        # Not save(): the row of a public article stays as it is.
        Article.objects.filter(pk=self.pk).update(review_requested_at=now)
        self.review_requested_at = now

    def comments_closed_reason(self, now: datetime) -> str:
        """Return why comments are closed: "site", "article", "date", "age"; "" if open."""
        practice = PracticeProfile.load()
        if not practice.comments_are_on:
            return "site"
        if not self.comments_are_open:
            return "article"
        today = local_date(now, practice.time_zone)
        if self.comments_close_on is not None:
            return "date" if today > self.comments_close_on else ""
        if practice.comments_close_by_age and self.published_at is not None:
            published = local_date(self.published_at, practice.time_zone)
            if today > published + timedelta(days=practice.comments_close_after_days):
                return "age"
        return ""


def local_date(now: datetime, time_zone: str) -> date:
    """Return the date in the practice's time zone."""
    return timezone.localdate(now, ZoneInfo(time_zone))

"""Where a reader may go from one article."""

from datetime import datetime

from django.db.models import Count, Q

from pages.articles.models import Article

RELATED = 3


def related(article: Article, now: datetime) -> list[Article]:
    """Three others: of the same category first, then by shared tags, then the latest."""
    tags = [tag.pk for tag in article.tags.all()]
    others = Article.objects.published(now).for_cards().exclude(pk=article.pk)
    return list(
        others.annotate(
            is_near=Count("pk", filter=Q(category=article.category_id), distinct=True),
            shared=Count("tags", filter=Q(tags__in=tags), distinct=True),
        )
        .filter(Q(is_near__gt=0) | Q(shared__gt=0))
        .order_by("-is_near", "-shared", "-published_at", "-pk")[:RELATED]
    )


def next_and_previous(article: Article, now: datetime) -> tuple[Article | None, Article | None]:
    """The article published after this one, and the one before; equal times go by number."""
    others = Article.objects.published(now).only("title", "slug", "published_at")
    at = article.published_at
    newer = others.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=article.pk))
    older = others.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=article.pk))
    return newer.order_by("published_at", "pk").first(), older.first()

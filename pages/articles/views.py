"""Pages of articles: lists, archives, the article itself, and what to read after it."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.core.paginator import Page, Paginator
from django.db.models import Case, Count, Q, Subquery, When
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.articles.models import MIN_ARTICLES_PER_TAG, Article, ArticleQuerySet, Category, Tag
from pages.caching import cacheable_page
from pages.practice.profile import get_practice_facts
from pages.seo.metadata import (
    Entity,
    breadcrumb_entity,
    build_metadata,
    person_entity,
    practice_entity,
    practice_reference,
    title_with_page_number,
)
from pages.seo.share_images import get_share_image
from pages.text.outline import plain_text

ARTICLES_PER_PAGE = 10


@cacheable_page
def article_list(request: HttpRequest) -> HttpResponse:
    articles = Article.objects.published(timezone.now())
    lead = _("Notes on what happens in therapy and coaching, and on ordinary hard days.")
    return _render_list(request, articles, title=_("Articles"), lead=lead)


@cacheable_page
def category_detail(request: HttpRequest, slug: str) -> HttpResponse:
    category = get_object_or_404(Category, slug=slug)
    articles = Article.objects.published(timezone.now()).in_category(category)
    return _render_list(
        request,
        articles,
        title=category.name,
        lead=category.summary,
        kicker=_("Topic"),
        feed=reverse("pages:category_feed_rss", args=[slug]),
    )


@cacheable_page
def tag_detail(request: HttpRequest, slug: str) -> HttpResponse:
    tag = get_object_or_404(Tag, slug=slug)
    articles = Article.objects.published(timezone.now()).filter(tags=tag)
    is_indexed = articles.count() >= MIN_ARTICLES_PER_TAG
    return _render_list(request, articles, title=tag.name, kicker=_("Tag"), is_indexed=is_indexed)


@cacheable_page
def article_year(request: HttpRequest, year: int) -> HttpResponse:
    articles = Article.objects.published(timezone.now()).filter(published_at__year=year)
    if not articles.exists():
        raise Http404
    title = _("Articles of %(year)s") % {"year": year}
    return _render_list(request, articles, title=title)


@cacheable_page
def article_detail(request: HttpRequest, slug: str) -> HttpResponse:
    return render(request, "pages/articles/article_detail.html", article_context(request, slug))


@cacheable_page
def article_share_image(request: HttpRequest, slug: str) -> HttpResponse:
    articles = Article.objects.published(timezone.now()).select_related("cover")
    article = get_object_or_404(articles.only("title", "slug", "cover"), slug=slug)
    data = get_share_image(
        f"article-{article.pk}",
        title=article.title,
        name=get_practice_facts().practice.name,
        cover=article.cover,
    )
    return HttpResponse(data, content_type="image/png")


def article_context(request: HttpRequest, slug: str) -> dict[str, object]:
    """Build the context of the article page; a rejected comment form is shown on it too."""
    now = timezone.now()
    articles = Article.objects.published(now).select_related(
        "category", "cover", "author__portrait"
    )
    article = get_object_or_404(articles.prefetch_related("tags"), slug=slug)
    return context_for_article(request, article, now)


def context_for_article(request: HttpRequest, article: Article, now: datetime) -> dict[str, object]:
    """Build the same context for an instance, which a preview may have changed in memory."""
    facts = get_practice_facts()
    further = find_further_reading(article, now)
    trail = [
        (_("Home"), reverse("pages:home")),
        (_("Articles"), reverse("pages:article_list")),
        (article.category.name, article.category.get_absolute_url()),
        (article.title, ""),
    ]
    author = article.author if article.author and article.author.is_published else None
    image = reverse("pages:article_share_image", args=[article.slug])
    return {
        "article": article,
        "author": author,
        "author_licences": [
            row for row in facts.licences if author and row.practitioner_id == author.pk
        ],
        "call": facts.practice.call_to_action(),
        "related": further.related,
        "newer": further.newer,
        "older": further.older,
        "breadcrumb": trail,
        "metadata": build_metadata(
            facts.practice,
            title=article.search_title or article.title,
            path=article.get_absolute_url(),
            description=article.search_description or article.summary,
            text=article.body,
            image=image,
            kind="article",
            published_at=article.published_at,
            updated_at=article.lastmod,
            graph=[
                breadcrumb_entity(trail),
                article_entity(article, image=image),
                practice_entity(facts.practice),
            ],
        ),
    }


def _render_list(
    request: HttpRequest,
    articles: ArticleQuerySet,
    *,
    title: str,
    lead: str = "",
    kicker: str = "",
    feed: str = "",
    is_indexed: bool = True,
) -> HttpResponse:
    now = timezone.now()
    page_obj = _get_page(request, articles.for_cards())
    trail = [(_("Home"), reverse("pages:home"))]
    if request.path != reverse("pages:article_list"):
        trail.append((_("Articles"), reverse("pages:article_list")))
    trail.append((title, ""))
    is_first = page_obj.number == 1
    metadata = build_metadata(
        get_practice_facts().practice,
        title=title_with_page_number(title, page_obj.number),
        path=request.path if is_first else f"{request.path}?page={page_obj.number}",
        description=title_with_page_number(
            lead or _default_description(title, kicker), page_obj.number
        ),
        is_indexed=is_indexed and is_first,
        graph=[breadcrumb_entity(trail)],
    )
    context = {
        "page_obj": page_obj,
        "title": title,
        "lead": lead,
        "kicker": kicker,
        "feed": feed,
        "path": request.path,
        "years": [
            (str(first.year), reverse("pages:article_year", args=[first.year]))
            for first in Article.objects.published(now).datetimes("published_at", "year", "DESC")
        ],
        "topics": [
            (row.name, row.get_absolute_url()) for row in Category.objects.with_articles(now)
        ],
        "breadcrumb": trail,
        "metadata": metadata,
    }
    return render(request, "pages/articles/article_list.html", context)


def _default_description(title: str, kicker: str) -> str:
    if not kicker:
        return title
    return _("%(kicker)s: all articles about “%(title)s”.") % {"kicker": kicker, "title": title}


def _get_page(request: HttpRequest, articles: ArticleQuerySet) -> Page[Article]:
    """Return the requested page; raise Http404 for anything but an existing page."""
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise Http404
    paginator = Paginator(articles, ARTICLES_PER_PAGE)
    if not 1 <= int(number) <= paginator.num_pages:
        raise Http404
    return paginator.page(int(number))


MAX_RELATED_ARTICLES = 3


@dataclass(frozen=True)
class FurtherReading:
    """Articles to read next: related ones, the next newer and the next older."""

    related: list[Article]
    newer: Article | None
    older: Article | None


def find_further_reading(article: Article, now: datetime) -> FurtherReading:
    """Find related articles and those published just before and after, in one query.

    Related are up to three: those of the same category first, then by the number of shared tags,
    then the latest. Articles published at the same time are ordered by their number.
    """
    others = Article.objects.published(now).exclude(pk=article.pk)
    at, pk = article.published_at, article.pk
    newer = others.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=pk))
    older = others.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=pk))
    ranked = others.annotate(
        is_near=Count("pk", filter=Q(category=article.category_id), distinct=True),
        shared=Count("tags", filter=Q(tags__in=article.tags.all()), distinct=True),
    ).order_by("-is_near", "-shared", "-published_at", "-pk")
    related = ranked.filter(Q(is_near__gt=0) | Q(shared__gt=0))[:MAX_RELATED_ARTICLES]
    newer_pk = Subquery(newer.order_by("published_at", "pk").values("pk")[:1])
    older_pk = Subquery(older.values("pk")[:1])
    rows = ranked.for_cards().annotate(
        is_newer=Case(When(pk=newer_pk, then=True), default=False),
        is_older=Case(When(pk=older_pk, then=True), default=False),
        is_related=Case(When(pk__in=related.values("pk"), then=True), default=False),
    )
    articles = list(rows.filter(Q(is_newer=True) | Q(is_older=True) | Q(is_related=True)))
    return FurtherReading(
        related=[row for row in articles if row.is_related],
        newer=next((row for row in articles if row.is_newer), None),
        older=next((row for row in articles if row.is_older), None),
    )


def article_entity(article: Article, *, image: str) -> Entity:
    """Describe an article as JSON-LD; `image` is a path."""
    url = f"{settings.SITE_URL}{article.get_absolute_url()}"
    author: Entity = practice_reference()
    if article.author and article.author.is_published:
        author = person_entity(article.author)
    return {
        "@type": "Article",
        "@id": f"{url}#article",
        "headline": article.title,
        "description": article.summary,
        "mainEntityOfPage": url,
        "datePublished": article.published_at.isoformat() if article.published_at else "",
        "dateModified": article.lastmod.isoformat(),
        "image": f"{settings.SITE_URL}{image}",
        "wordCount": len(plain_text(article.body).split()),
        "articleSection": article.category.name,
        "keywords": [tag.name for tag in article.tags.all()],
        "author": author,
        "publisher": practice_reference(),
        "inLanguage": settings.LANGUAGE_CODE,
    }

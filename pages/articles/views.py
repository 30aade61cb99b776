"""Where a reader may go from one article."""

from datetime import datetime
from typing import Any

from django.core.paginator import Page, Paginator
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from pages.articles.models import MIN_ARTICLES_PER_TAG, Article, ArticleQuerySet, Category, Tag
from pages.articles.structured_data import article_entity
from pages.caching import cacheable_page
from pages.practice.facts import get_practice_facts
from pages.seo.metadata import build_metadata, title_with_page_number
from pages.seo.share_images import get_share_image
from pages.seo.structured_data import breadcrumb_entity, practice_entity

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
        name=get_practice_facts(request).practice.name,
        cover=article.cover,
    )
    return HttpResponse(data, content_type="image/png")


def article_context(request: HttpRequest, slug: str) -> dict[str, Any]:
    """All that the article page needs; also for those who answer a comment with this page."""
    now = timezone.now()
    articles = Article.objects.published(now).select_related(
        "category", "cover", "author__portrait"
    )
    article = get_object_or_404(articles.prefetch_related("tags"), slug=slug)
    return context_for_article(request, article, now)


def context_for_article(request: HttpRequest, article: Article, now: datetime) -> dict[str, Any]:
    """The same for an article at hand, stored like this or not."""
    facts = get_practice_facts(request)
    newer, older = adjacent_articles(article, now)
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
        "related": related_articles(article, now),
        "newer": newer,
        "older": older,
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
        get_practice_facts(request).practice,
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
    """The page asked for; anything but a page that exists is not found."""
    number = request.GET.get("page", "1")
    if not number.isascii() or not number.isdigit() or len(number) > 6:
        raise Http404
    paginator = Paginator(articles, ARTICLES_PER_PAGE)
    if not 1 <= int(number) <= paginator.num_pages:
        raise Http404
    return paginator.page(int(number))


MAX_RELATED_ARTICLES = 3


def related_articles(article: Article, now: datetime) -> list[Article]:
    """Three others: of the same category first, then by shared tags, then the latest."""
    tags = [tag.pk for tag in article.tags.all()]
    others = Article.objects.published(now).for_cards().exclude(pk=article.pk)
    return list(
        others.annotate(
            is_near=Count("pk", filter=Q(category=article.category_id), distinct=True),
            shared=Count("tags", filter=Q(tags__in=tags), distinct=True),
        )
        .filter(Q(is_near__gt=0) | Q(shared__gt=0))
        .order_by("-is_near", "-shared", "-published_at", "-pk")[:MAX_RELATED_ARTICLES]
    )


def adjacent_articles(article: Article, now: datetime) -> tuple[Article | None, Article | None]:
    """The article published after this one, and the one before; equal times go by number."""
    others = Article.objects.published(now).only("title", "slug", "published_at")
    at = article.published_at
    newer = others.filter(Q(published_at__gt=at) | Q(published_at=at, pk__gt=article.pk))
    older = others.filter(Q(published_at__lt=at) | Q(published_at=at, pk__lt=article.pk))
    return newer.order_by("published_at", "pk").first(), older.first()

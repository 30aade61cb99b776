"""Everything public as plain values, for JSON that any program can read."""

from typing import Any

from django.conf import settings

from consultations.moving.public_content import Public, file_name
from pages.articles.models import Article

ARTICLE_FACTS = (
    "title", "slug", "summary", "body", "references", "published_at", "updated_on",
    "comments_are_open", "call_to_action_heading", "call_to_action_text",
)  # fmt: skip
PAGE_FACTS = ("title", "path", "lead", "body", "published_at", "updated_on", "order")


def facts(public: Public) -> dict[str, Any]:
    practice = public.practice
    return {
        "written_at": public.now.isoformat(),
        "address": settings.SITE_URL,
        "practice": {"name": practice.name, "tagline": practice.tagline, "phone": practice.phone},
        "people": [
            {
                name: getattr(person, name)
                for name in ("slug", "name", "role", "credentials", "intro")
            }
            for person in public.people
        ],
        "categories": [
            {
                "slug": row.slug,
                "name": row.name,
                "summary": row.summary,
                "parent": row.parent.slug if row.parent else None,
            }
            for row in public.categories
        ],
        "tags": [{"slug": row.slug, "name": row.name} for row in public.tags],
        "pages": [
            {"address": row.get_absolute_url(), **_picked(row, PAGE_FACTS)} for row in public.pages
        ],
        "site_pages": [
            _picked(row, ("key", "title", "lead", "body", "updated_on"))
            for row in public.site_pages
        ],
        "articles": [
            _article_facts(public, row)
            for row in public.articles.prefetch_related("tags", "more_categories")
        ],
        "pictures": [
            {
                "file": f"media/{file_name(row)}",
                **_picked(row, ("name", "alt", "caption", "credit", "width", "height")),
            }
            for row in public.pictures.values()
        ],
        "old_addresses": {old: new for new, several in public.old_paths.items() for old in several},
    }


def _article_facts(public: Public, article: Article) -> dict[str, Any]:
    is_named = article.author is not None and article.author.is_published
    return {
        "address": article.get_absolute_url(),
        **_picked(article, ARTICLE_FACTS),
        "author": article.author.slug if article.author and is_named else None,
        "category": article.category.slug,
        "more_categories": [row.slug for row in article.more_categories.all()],
        "tags": [row.slug for row in article.tags.all()],
        "cover": str(article.cover_id) if article.cover_id else None,
        "comments": [
            {
                "number": number,
                "answers": parent or None,
                "name": row.published_name,
                "html": row.published_html,
                "published_at": str(row.published_at),
                "by_practice": row.by_practice,
            }
            for row, number, parent in public.comments(article)
        ],
    }


def _picked(row: Any, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(row, name) for name in names}
    return {
        name: value.isoformat() if hasattr(value, "isoformat") else value
        for name, value in values.items()
    }

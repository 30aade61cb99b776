"""An article as JSON-LD."""

from django.conf import settings

from pages.articles.models import Article
from pages.seo.structured_data import Entity, person_entity, practice_reference
from pages.text.outline import plain_text


def article_entity(article: Article, *, image: str) -> Entity:
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

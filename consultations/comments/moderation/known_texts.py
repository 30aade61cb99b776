"""Collect the texts that readers of an article already see, for the reply guard."""

from collections.abc import Iterator

from django.utils.html import strip_tags

from consultations.comments.models import Comment
from consultations.comments.moderation.rows import ThreadComment
from pages.practice.models import Licence, PracticeProfile, Practitioner

MAX_PARENT_LEVELS = 20


def collect_known_texts(comment: Comment) -> list[str]:
    """Return the thread, the article and the practice's public facts.

    Names in these tell readers nothing new. Redacted text is left out.
    """
    return [
        *_thread_texts(comment),
        *_reply_texts(comment),
        *_article_texts(comment),
        *_practice_texts(),
    ]


def _thread_texts(comment: Comment) -> Iterator[str]:
    current: Comment | None = comment
    for _level in range(MAX_PARENT_LEVELS):
        if current is None:
            return
        thread_comment = ThreadComment(current)
        if thread_comment.is_readable:
            yield from (thread_comment.name, thread_comment.text)
        current = current.parent


def _reply_texts(comment: Comment) -> Iterator[str]:
    published = Comment.objects.published().filter(parent=comment)
    for name, html in published.values_list("published_name", "published_html")[:50]:
        yield from (name, strip_tags(html))


def _article_texts(comment: Comment) -> Iterator[str]:
    article = comment.article
    for field in article._meta.concrete_fields:
        value = getattr(article, field.attname)
        if isinstance(value, str):
            yield strip_tags(value)


def _practice_texts() -> Iterator[str]:
    profile = PracticeProfile.load()
    for row in (profile, *Practitioner.objects.published(), *Licence.objects.shown()):
        for field in row._meta.concrete_fields:
            value = getattr(row, field.attname)
            # Calendar invitations come from this address, which is not public.
            if isinstance(value, str) and field.name != "organizer_email":
                yield strip_tags(value)

"""What readers can see already when the practice answers: the thread, the article, the facts."""

from collections.abc import Iterator

from django.utils.html import strip_tags

from consultations.comments.models import Comment
from consultations.comments.moderation.rows import ThreadComment
from pages.practice.models import Licence, PracticeProfile, Practitioner

MAX_PARENT_LEVELS = 20  # a thread is followed upwards no further


def collect_known_texts(comment: Comment) -> list[str]:
    """Names in these tell readers nothing new. What was redacted away is not among them."""
    return [
        *_thread_texts(comment),
        *_reply_texts(comment),
        *_article_texts(comment),
        *_practice_texts(),
    ]


def _thread_texts(comment: Comment) -> Iterator[str]:
    one: Comment | None = comment
    for _level in range(MAX_PARENT_LEVELS):
        if one is None:
            return
        voice = ThreadComment(one)
        if voice.is_readable:
            yield from (voice.name, voice.text)
        one = one.parent


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
            # Never the private address that calendar invitations come from.
            if isinstance(value, str) and field.name != "organizer_email":
                yield strip_tags(value)

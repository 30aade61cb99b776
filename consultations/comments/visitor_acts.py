"""What the writer of a comment does, and what a reader asks for."""

from datetime import datetime, timedelta

from django.contrib.auth.models import User
from django.db import IntegrityError, transaction

from consultations.comments import emails, judging
from consultations.comments.history import Act, Actor, CommentEvent, CommentReport
from consultations.comments.models import Comment, CommentQuerySet, Status
from consultations.comments.moves import NotAllowed, move
from consultations.outbox import queue
from consultations.privacy.fields import readable
from consultations.privacy.fingerprints import (
    fingerprint,
    fingerprints,
    network_fingerprint,
    network_fingerprints,
    normalised_email,
)
from pages.articles.models import Article

SAME_ANSWER_WITHIN = timedelta(minutes=10)
DUPLICATE_WITHIN = timedelta(hours=24)
# Marks of how a form was sent, not of its words.
SENT_AS = ("honeypot", "too_fast", "no_time")
EDITABLE = (Status.WAITING, Status.SPAM)


class Duplicate(Exception):
    """The same person said the same words here within a day."""


def submit_comment(
    *,
    article: Article,
    parent: Comment | None,
    name: str,
    email: str,
    text: str,
    network: str,
    suspicions: list[str],
    now: datetime,
    wants_notice: bool = False,
) -> Comment:
    """Store a visitor's comment; it waits for staff. Raises Duplicate.

    The same comment within ten minutes is a double click or a reload: it gets the same answer
    and makes no second row.
    """
    content = _content(article, parent, text, email)
    judged = judging.sort(
        name=name, email=email, text=text, suspicions=suspicions, network=network, now=now
    )
    with transaction.atomic():
        twin = _twin(article, content, now)
        if twin is not None:
            if twin.created_at > now - SAME_ANSWER_WITHIN:
                return twin
            raise Duplicate
        comment = Comment.objects.create(
            article=article,
            parent=parent,
            status=judged.status,
            name=name,
            email=email,
            text=text,
            content_fingerprint=fingerprint("comment", content),
            network_fingerprint=network_fingerprint(network),
            suspicions=judged.marks,
            score=judged.score,
            read_first=judged.read_first,
            wants_notice=wants_notice,
            created_at=now,
            status_changed_at=now,
            revision=1,
        )
        CommentEvent.objects.create(
            comment=comment,
            number=comment.revision,
            at=now,
            actor=Actor.VISITOR,
            act=Act.SUBMIT,
            after=comment.status,
        )
        judging.remember(text, now=now)
        emails.received(comment, now=now)
        if judged.status == Status.WAITING:
            emails.waiting(comment, now=now)
    return comment


def sent_just_now(
    *,
    article: Article,
    parent: Comment | None,
    email: str,
    text: str,
    network: str,
    now: datetime,
) -> Comment | None:
    """The same comment from the same place within ten minutes: a press too many, not one more.

    Asked before presses are counted. From elsewhere it does count: a guess at the address behind
    words that everybody can read must stay slow.
    """
    content = _content(article, parent, text, email)
    twin = _twins(content, now - SAME_ANSWER_WITHIN).first()
    is_from_here = twin is not None and twin.network_fingerprint in network_fingerprints(network)
    return twin if is_from_here else None


def edit_comment(
    comment: Comment, *, name: str, text: str, suspicions: list[str], now: datetime
) -> None:
    """Other words, until they are approved; screened again. Raises NotAllowed and Duplicate.

    What staff took for spam stays there: a writer is not told, and cannot edit it out again. Nor
    do the marks go of how it was first sent; a press on the own page, however quick, adds none.
    """
    if comment.status not in EDITABLE:
        raise NotAllowed(f"{comment.status} is not edited")
    email, former = readable(comment, "email"), readable(comment, "text")
    content = _content(comment.article, comment.parent, text, email)
    judged = judging.sort(
        name=name,
        email=email,
        text=text,
        suspicions=[one for one in SENT_AS if one in comment.suspicions or one in suspicions],
        former_text=former,
        now=now,
    )
    with transaction.atomic():
        if _twin(comment.article, content, now, other_than=comment) is not None:
            raise Duplicate
        by_staff = comment.events.filter(act=Act.SPAM, actor=Actor.STAFF).exists()
        stays = comment.status == Status.SPAM and by_staff
        move(
            comment,
            Status.SPAM if stays else judged.status,
            Act.EDIT,
            actor=Actor.VISITOR,
            now=now,
            texts={"name": name, "text": text, "redacted_text": "", "former_redaction": ""},
            # Words that were never published go back to nowhere but the waiting.
            status_before="",
            content_fingerprint=fingerprint("comment", content),
            suspicions=judged.marks,
            score=judged.score,
            read_first=judged.read_first,
        )
        judging.remember(text, former_text=former, now=now)
        if comment.status == Status.WAITING:
            emails.waiting(comment, now=now)


def withdraw_comment(comment: Comment, *, now: datetime) -> None:
    """The writer takes it back: text and name are erased, not hidden."""
    erase(comment, Act.WITHDRAW, actor=Actor.VISITOR, by=None, now=now)


def report_comment(comment: Comment, *, network: str, now: datetime) -> bool:
    """A reader asks us to look again. False when this network has asked already."""
    if comment.status != Status.APPROVED:
        raise NotAllowed("only what is published is reported")
    mark = fingerprint("report", network)
    try:
        with transaction.atomic():
            CommentReport.objects.create(comment=comment, at=now, network_fingerprint=mark)
    except IntegrityError:
        return False
    return True


def stop_notices(comment: Comment, *, now: datetime) -> None:
    """No more mail about it, those that still wait included."""
    with transaction.atomic():
        Comment.objects.filter(pk=comment.pk).update(wants_notice=False)
        queue.void(about=comment.uuid, messages=emails.TO_THE_WRITER)
    comment.refresh_from_db(fields=["wants_notice"])


def want_notices(comment: Comment, *, now: datetime) -> None:
    """Tell the writer when it is published or answered, while we have an address to tell."""
    if comment.status == Status.WITHDRAWN or not readable(comment, "email"):
        raise NotAllowed("there is nobody to tell")
    Comment.objects.filter(pk=comment.pk).exclude(status=Status.WITHDRAWN).update(wants_notice=True)
    comment.refresh_from_db(fields=["wants_notice"])


def erase(comment: Comment, act: Act, *, actor: Actor, by: User | None, now: datetime) -> None:
    if comment.status == Status.WITHDRAWN:
        raise NotAllowed("nothing is left of it")
    with transaction.atomic():
        move(
            comment,
            Status.WITHDRAWN,
            act,
            actor=actor,
            by=by,
            now=now,
            status_before="",
            read_first=False,
            wants_notice=False,
        )
        comment.empty()
        comment.reports.open().update(settled_at=now)
        queue.erase(about=comment.uuid, messages=emails.TO_THE_WRITER)
        emails.not_published_after_all(comment)
        if not Comment.objects.waiting().exists():
            # Otherwise the notice speaks of others too: they came within its hour.
            emails.nothing_waits()


def _twin(
    article: Article, content: str, now: datetime, *, other_than: Comment | None = None
) -> Comment | None:
    """The same words of the same person within a day, if they stand here already."""
    # Two posts of one double click: the second waits here, then finds the first one's row.
    Article.objects.select_for_update().only("pk").get(pk=article.pk)
    twins = _twins(content, now - DUPLICATE_WITHIN)
    if other_than is not None:
        twins = twins.exclude(pk=other_than.pk)
    return twins.first()


def _twins(content: str, since: datetime) -> CommentQuerySet:
    found: CommentQuerySet = Comment.objects.filter(
        content_fingerprint__in=fingerprints("comment", content), created_at__gt=since
    )
    return found.exclude(status=Status.WITHDRAWN).order_by("-created_at")


def _content(article: Article, parent: Comment | None, text: str, email: str) -> str:
    words = " ".join(text.casefold().split())
    return f"{article.pk}|{parent.public_id if parent else ''}|{words}|{normalised_email(email)}"

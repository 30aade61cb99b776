"""Outdated HTML is rendered again in batches; nothing else changes."""

import pytest

from consultations.comments import transitions, workflow
from consultations.comments.models import Comment
from consultations.comments.rendering import RENDERER_VERSION
from tests.consultations.privacy.test_fields import tamper
from tests.factories.consultations import NOW, make_comment
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db


@pytest.fixture
def outdated():
    make_practice()
    article = make_article()
    rows = [make_comment(article=article, approved=True) for _ in range(5)]
    Comment.objects.update(published_html="<p>old</p>", renderer_version=1)
    return rows


def published_htmls() -> list[str]:
    return [row.published_html for row in Comment.objects.order_by("created_at", "pk")]


def test_outdated_html_is_rerendered_once(outdated) -> None:
    assert transitions.rerender_outdated() == 5
    assert "<p>old</p>" not in published_htmls()
    assert set(Comment.objects.values_list("renderer_version", flat=True)) == {RENDERER_VERSION}
    assert transitions.rerender_outdated() == 0


def test_rerendering_resumes_where_it_stopped(outdated, monkeypatch) -> None:
    monkeypatch.setattr(transitions, "RERENDER_BATCH_SIZE", 2)
    assert transitions.rerender_outdated(limit=2) == 2
    assert published_htmls().count("<p>old</p>") == 3
    assert transitions.rerender_outdated(limit=2) == 2
    assert transitions.rerender_outdated(limit=2) == 1


def test_rerendering_keeps_redaction(outdated) -> None:
    workflow.redact_comment(outdated[0], text="Less", by=None, now=NOW)
    Comment.objects.filter(pk=outdated[0].pk).update(renderer_version=1)
    transitions.rerender_outdated()
    assert Comment.objects.get(pk=outdated[0].pk).published_html == '<p dir="auto">Less</p>'


def test_undecryptable_or_changed_comments_are_skipped(outdated, monkeypatch) -> None:
    tamper(outdated[0], "text")
    render = transitions.comment_html

    def change_meanwhile(text, **options):
        Comment.objects.filter(pk=outdated[1].pk).update(revision=99)
        return render(text, **options)

    monkeypatch.setattr(transitions, "comment_html", change_meanwhile)
    transitions.rerender_outdated()
    assert Comment.objects.get(pk=outdated[0].pk).published_html == "<p>old</p>"
    assert Comment.objects.get(pk=outdated[1].pk).revision == 99
    assert published_htmls().count("<p>old</p>") >= 1

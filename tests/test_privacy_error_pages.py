"""Each page that shows or takes a person's words, broken in its template, its form, its database.

The answer is a 500 that says nothing, and so are the log, the headers and what is printed.
"""

from typing import Any
from uuid import uuid4

import pytest
from django.db import OperationalError
from django.urls import resolve

from consultations.booking.calendars import feed
from consultations.data_rights.models import DataLink
from consultations.privacy import control_links
from pages.practice.models import Practitioner
from tests.factories.consultations import comment_post, consultation_post
from tests.form_walk import PERSON, visitors_routes
from tests.leak_search import find
from tests.test_privacy import ARTICLE, COMMENTS, DETAILS, Walk, logs, mishap, walk

__all__ = ["logs", "walk"]  # fixtures
Request = tuple[str, str, dict[str, str]]


def requests_of_visitors(walk: Walk) -> list[Request]:
    """Every route on which visitors write or read, each way that it is asked."""
    asked = walk.send(DETAILS, consultation_post(**walk.words["asked"]))
    waiting = walk.send(COMMENTS, comment_post(**walk.words["waiting"]))
    shown = walk.send(COMMENTS, comment_post(**walk.words["published"]))
    walk.client.post("/your-data/", {"email": walk.words["asked"]["email"]})
    own = DataLink.objects.get().get_absolute_url()
    consultation = asked.split("/")[2].partition("-")[0]
    confirm = control_links.make("hold-confirm", consultation, 0)
    comment = f"{COMMENTS}{walk.public_id(shown)}/"
    note, address = {"reason": walk.words["asked"]["note"]}, {"email": walk.words["asked"]["email"]}
    both = [
        ("/consultation/", {}),
        (DETAILS, consultation_post(**walk.words["asked"], key=uuid4().hex)),
        (f"/consultation/confirm/{confirm}/", {}),
        (asked, address),
        (f"{asked}move/", {}),
        (f"{asked}cancel/", note),
        (f"{asked}calendar.ics", {}),
        (feed.address_of(Practitioner.objects.all()[0]), {}),
        (COMMENTS, walk.words["waiting"]),
        (comment, {}),
        (f"{comment}report/", {}),
        (waiting, {}),
        (f"{waiting}edit/", walk.words["waiting"]),
        (f"{waiting}notices/", {}),
        (f"{waiting}withdraw/", {}),
        ("/your-data/", address),
        (own, {"act": "html"}),
        (own, {"act": "erase-all"}),
        (ARTICLE, {}),
        ("/search/", {}),
    ]
    return [(method, path, data) for path, data in both for method in ("get", "post")]


def requests_of_staff(walk: Walk) -> list[Request]:
    from consultations.booking.models import Consultation
    from consultations.comments.models import Comment

    one, comment = Consultation.objects.get(), Comment.objects.all()[0]
    consultation = f"/admin/consultations/consultation/{one.pk}/"
    desk = f"/admin/consultations/comment/{comment.pk}/"
    words = {"text": walk.words["asked"]["note"], "staff_notes": walk.words["asked"]["note"]}
    both = [
        *(f"/admin/consultations/{model}/" for model in ("consultation", "comment", "auditentry")),
        f"{consultation}change/",
        *(f"{consultation}act/{act}/" for act in ("confirm", "offer", "decline")),
        "/admin/consultations/consultation/add/",
        "/admin/consultations/comment/search/",
        *(f"{desk}{act}/" for act in ("change", "reply", "redact", "reveal", "erase")),
        PERSON,
    ]
    contact = {"contact": walk.words["asked"]["email"], "q": walk.words["asked"]["email"]}
    return [(method, path, words | contact) for path in both for method in ("get", "post")]


BREAKS = {
    "template": "django.template.backends.django.Template.render",
    "form": "django.forms.forms.BaseForm.full_clean",
    "rows": "django.db.models.query.ModelIterable.__iter__",
    "storing": "django.db.models.base.Model.save_base",
}

AT_LEAST = {"template": 38, "form": 15, "rows": 55, "storing": 15}


@pytest.mark.parametrize("breaks", BREAKS)
def test_no_broken_page_tells_anything(walk, monkeypatch, capfd, breaks) -> None:
    visitors = requests_of_visitors(walk)
    assert visitors_routes() - {resolve(path).route for _method, path, _data in visitors} == set()
    staff = requests_of_staff(walk)
    word = walk.words["asked"]["note"]
    with monkeypatch.context() as broken:
        broken.setattr(BREAKS[breaks], mishap(word))
        answers = ask(walk.client, visitors) + ask(walk.staff, staff)
    failed = [answer for answer in answers if answer.status_code == 500]
    assert len(failed) >= AT_LEAST[breaks]
    assert_nothing_is_said(walk, answers, capfd)
    assert find({"note": word}, walk.logs.default_format_places())


def test_a_database_that_quotes_what_it_could_not_store_is_not_quoted(
    walk, monkeypatch, capfd
) -> None:
    visitors = requests_of_visitors(walk)

    def refuse(cursor: Any, sql: str, parameters: Any = None) -> None:
        raise OperationalError(f"database is locked: {walk.words['asked']['note']} {parameters}")

    with monkeypatch.context() as broken:
        broken.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        answers = ask(walk.client, visitors)
    assert len([answer for answer in answers if answer.status_code in (500, 503)]) >= 30
    assert_nothing_is_said(walk, answers, capfd)


def ask(client: Any, requests: list[Request]) -> list[Any]:
    client.raise_request_exception = False
    return [getattr(client, method)(path, data) for method, path, data in requests]


def assert_nothing_is_said(walk: Walk, answers: list[Any], capfd: Any) -> None:
    everything = walk.all_marked_words()
    assert find(everything, walk.logs.places()) == []
    for answer in answers:
        if answer.status_code >= 500:
            said = {"page": answer.content, "head": str(answer.headers).encode()}
            assert find(everything, said) == [], answer.request["PATH_INFO"]
    out, err = capfd.readouterr()
    assert find(everything, {"stdout": out.encode(), "stderr": err.encode()}) == []

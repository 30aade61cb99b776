"""An error on a page with visitor data leaks nothing of it.

Template, form and database of each page are broken in turn; the response is a 500, and neither it
nor the log, the headers or the output contain what the visitor wrote.
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
from tests.factories.consultations import comment_form_data, consultation_form_data
from tests.form_walk import FIND_PERSON_PATH, visitor_routes
from tests.leak_search import find_words
from tests.test_privacy import (
    ARTICLE_PATH,
    COMMENTS_PATH,
    DETAILS_PATH,
    SiteWalk,
    captured_logs,
    failing_function,
    site_walk,
)

__all__ = ["captured_logs", "site_walk"]  # fixtures
RequestSpec = tuple[str, str, dict[str, str]]


def visitor_requests(walk: SiteWalk) -> list[RequestSpec]:
    """Return every request that visitors make to read or write."""
    asked = walk.send(DETAILS_PATH, consultation_form_data(**walk.words["asked"]))
    waiting = walk.send(COMMENTS_PATH, comment_form_data(**walk.words["waiting"]))
    shown = walk.send(COMMENTS_PATH, comment_form_data(**walk.words["published"]))
    walk.client.post("/your-data/", {"email": walk.words["asked"]["email"]})
    own = DataLink.objects.get().get_absolute_url()
    consultation = asked.split("/")[2].partition("-")[0]
    confirm = control_links.make_token("hold-confirm", consultation, 0)
    comment = f"{COMMENTS_PATH}{walk.public_id(shown)}/"
    note, address = {"reason": walk.words["asked"]["note"]}, {"email": walk.words["asked"]["email"]}
    both = [
        ("/consultation/", {}),
        (DETAILS_PATH, consultation_form_data(**walk.words["asked"], key=uuid4().hex)),
        (f"/consultation/confirm/{confirm}/", {}),
        (asked, address),
        (f"{asked}move/", {}),
        (f"{asked}cancel/", note),
        (f"{asked}calendar.ics", {}),
        (feed.feed_path(Practitioner.objects.all()[0]), {}),
        (COMMENTS_PATH, walk.words["waiting"]),
        (comment, {}),
        (f"{comment}report/", {}),
        (waiting, {}),
        (f"{waiting}edit/", walk.words["waiting"]),
        (f"{waiting}notices/", {}),
        (f"{waiting}withdraw/", {}),
        ("/privacy/what-we-collect/", {}),
        ("/your-data/", address),
        (own, {"act": "html"}),
        (own, {"act": "erase-all"}),
        (ARTICLE_PATH, {}),
        ("/search/", {}),
    ]
    return [(method, path, data) for path, data in both for method in ("get", "post")]


def staff_requests(walk: SiteWalk) -> list[RequestSpec]:
    from consultations.booking.models import Consultation
    from consultations.comments.models import Comment

    row, comment = Consultation.objects.get(), Comment.objects.all()[0]
    consultation = f"/admin/consultations/consultation/{row.pk}/"
    desk = f"/admin/consultations/comment/{comment.pk}/"
    words = {"text": walk.words["asked"]["note"], "staff_notes": walk.words["asked"]["note"]}
    both = [
        *(f"/admin/consultations/{model}/" for model in ("consultation", "comment", "auditentry")),
        f"{consultation}change/",
        *(f"{consultation}act/{act}/" for act in ("confirm", "offer", "decline")),
        "/admin/consultations/consultation/add/",
        "/admin/consultations/comment/search/",
        *(f"{desk}{act}/" for act in ("change", "reply", "redact", "reveal", "erase")),
        FIND_PERSON_PATH,
    ]
    contact = {"contact": walk.words["asked"]["email"], "q": walk.words["asked"]["email"]}
    return [(method, path, words | contact) for path in both for method in ("get", "post")]


BROKEN_FUNCTIONS = {
    "template": "django.template.backends.django.Template.render",
    "form": "django.forms.forms.BaseForm.full_clean",
    "rows": "django.db.models.query.ModelIterable.__iter__",
    "storing": "django.db.models.base.Model.save_base",
}

MIN_FAILURES = {"template": 38, "form": 15, "rows": 55, "storing": 15}


@pytest.mark.parametrize("breaks", BROKEN_FUNCTIONS)
def test_broken_pages_leak_nothing(site_walk, monkeypatch, capfd, breaks) -> None:
    visitors = visitor_requests(site_walk)
    assert visitor_routes() - {resolve(path).route for _method, path, _data in visitors} == set()
    staff = staff_requests(site_walk)
    word = site_walk.words["asked"]["note"]
    with monkeypatch.context() as broken:
        broken.setattr(BROKEN_FUNCTIONS[breaks], failing_function(word))
        responses = send_requests(site_walk.client, visitors) + send_requests(
            site_walk.staff, staff
        )
    failed = [response for response in responses if response.status_code == 500]
    assert len(failed) >= MIN_FAILURES[breaks]
    assert_no_leaks(site_walk, responses, capfd)
    assert find_words({"note": word}, site_walk.logs.default_format_places())


def test_database_error_text_leaks_nothing(site_walk, monkeypatch, capfd) -> None:
    visitors = visitor_requests(site_walk)

    def refuse(cursor: Any, sql: str, parameters: Any = None) -> None:
        raise OperationalError(
            f"database is locked: {site_walk.words['asked']['note']} {parameters}"
        )

    with monkeypatch.context() as broken:
        broken.setattr("django.db.backends.utils.CursorWrapper.execute", refuse)
        responses = send_requests(site_walk.client, visitors)
    assert len([response for response in responses if response.status_code in (500, 503)]) >= 30
    assert_no_leaks(site_walk, responses, capfd)


def send_requests(client: Any, requests: list[RequestSpec]) -> list[Any]:
    client.raise_request_exception = False
    return [getattr(client, method)(path, data) for method, path, data in requests]


def assert_no_leaks(walk: SiteWalk, responses: list[Any], capfd: Any) -> None:
    everything = walk.all_marked_words()
    assert find_words(everything, walk.logs.places()) == []
    for response in responses:
        if response.status_code >= 500:
            places = {"page": response.content, "head": str(response.headers).encode()}
            assert find_words(everything, places) == [], response.request["PATH_INFO"]
    out, err = capfd.readouterr()
    assert find_words(everything, {"stdout": out.encode(), "stderr": err.encode()}) == []

"""Every URL of the admin, opened and posted to by every kind of staff.

The addresses come from the admin itself: one that is not in the table fails the test. Beside what
may be opened, each page is looked through: no word of what somebody may not see, no link that leads
to a refusal, no button that would be refused.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.contrib import admin
from django.urls import reverse
from django.urls.resolvers import URLPattern, URLResolver

from consultations.accounts import roles
from tests.consultations.accounts.permission_table import (
    LETTERS,
    MODEL_ACCESS,
    PAGE_ACCESS,
    TESTED_ELSEWHERE,
)
from tests.consultations.accounts.practice import Practice, make_practice_for_letter

pytestmark = pytest.mark.django_db
INDEX_URL = "/admin/"
REFUSED_STATUSES = {403, 404, 405}
LINK_PATTERN = re.compile(r'href="(/admin/[^"?#]*)')
# "There is no such row", in which the address that was asked for stands.
MESSAGES_PATTERN = re.compile(r'<ul class="messagelist">.*?</ul>', re.DOTALL)
STANDARD_VIEWS = ("changelist", "add", "change", "history", "delete")
# What is posted where an empty form would be answered like a row that is not there.
POST_DATA = {"versions": {"act": "drop"}}


@dataclass(frozen=True)
class Case:
    url: str
    get: str
    post: str | None = None  # None: posting does nothing of its own
    is_form: bool = False
    is_made_by_django: bool = False

    @property
    def is_for_superusers(self) -> bool:
        """Where they may do more than owners; everywhere else they see the same page."""
        return any("s" in letters and "o" not in letters for letters in (self.get, self.post or ""))


def admin_url_names() -> set[str]:
    """Return each URL by its name, or by its route if it has none."""

    def walk(patterns: list[Any]) -> Iterator[str]:
        for pattern in patterns:
            if isinstance(pattern, URLResolver):
                yield from walk(pattern.url_patterns)
            else:
                assert isinstance(pattern, URLPattern)
                yield pattern.name or str(pattern.pattern)

    return set(walk(admin.site.get_urls()))


def test_permission_table_lists_every_admin_url() -> None:
    kinds = {f"{kind}_{name}" for kind in MODEL_ACCESS for name in STANDARD_VIEWS}
    # Django's old URL of a row, which redirects without reading the row.
    old = {"<path:object_id>/"}
    pages = {name.partition(":")[0] for name in PAGE_ACCESS}
    assert admin_url_names() == kinds | old | pages | TESTED_ELSEWHERE


def test_permission_table_lists_every_role() -> None:
    assert set(LETTERS.values()) - {""} == set(roles.ROLES)


def iter_cases(practice: Practice) -> Iterator[Case]:
    for kind, rights in MODEL_ACCESS.items():
        yield Case(_url(f"{kind}_changelist"), rights.see)
        yield Case(_url(f"{kind}_add"), rights.add, rights.add, is_made_by_django=True)
        own, other = practice.rows[kind]
        whose = (
            [(own, rights)] if own is other else [(own, rights), (other, rights.for_other_row())]
        )
        for row, its in whose:
            change, delete = (_url(f"{kind}_{name}", row.pk) for name in ("change", "delete"))
            yield Case(change, its.see, its.change, is_form=True, is_made_by_django=True)
            yield Case(_url(f"{kind}_history", row.pk), its.see)
            yield Case(delete, its.delete, its.delete, is_made_by_django=True)
    for name, page in PAGE_ACCESS.items():
        if not page.row:
            plain, _colon, argument = name.partition(":")
            yield Case(_url(plain, argument) if argument else _url(plain), page.get, page.post)
            continue
        kind = next(kind for kind in MODEL_ACCESS if name.startswith(f"{kind}_"))
        extra = ["decline"] if name == "consultations_consultation_action" else []
        own, other = practice.rows[kind]
        yield Case(_url(name, own.pk, *extra), page.get, page.post)
        if own is not other:
            get = page.get if page.other_get is None else page.other_get
            post = page.post if page.other_post is None else page.other_post
            yield Case(_url(name, other.pk, *extra), get, post)


def _url(name: str, *args: Any) -> str:
    return reverse(f"admin:{name}", args=args)


def is_granted(response: Any) -> bool:
    """Also count a redirect to the index as refused: Django answers a missing row with it."""
    url = getattr(response, "url", "")
    assert "login" not in url, response
    assert response.status_code < 500, response
    return response.status_code not in REFUSED_STATUSES and url != INDEX_URL


@pytest.mark.parametrize("letter", list(LETTERS), ids=[LETTERS[x] or x for x in LETTERS])
def test_each_role_can_open_exactly_its_own_admin_urls(client, letter, caplog) -> None:
    caplog.set_level(
        "CRITICAL", logger="django.request"
    )  # hundreds of refusals, each with a traceback
    practice = make_practice_for_letter(letter)
    client.force_login(practice.user)
    asked = [case for case in iter_cases(practice) if letter != "s" or case.is_for_superusers]
    wrong: list[str] = []
    met: set[str] = set()
    opened: dict[str, bool] = {}
    links: dict[str, str] = {}
    for case in asked:
        response = client.get(case.url)
        opened[case.url] = is_granted(response)
        if opened[case.url] is not (letter in case.get):
            wrong.append(f"GET {case.url}: {response.status_code}")
        page = (
            MESSAGES_PATTERN.sub("", response.content.decode())
            if response.status_code == 200
            else ""
        )
        links |= {url: case.url for url in LINK_PATTERN.findall(page) if url not in links}
        met |= {word for word, _letters in practice.secrets if word in page}
        wrong += [
            f"GET {case.url} tells {word!r}"
            for word, letters in practice.secrets
            if letter not in letters and word in page
        ]
        if case.is_form and letter not in (case.post or "") and 'name="_save"' in page:
            wrong.append(f"GET {case.url}: a button that would be refused")
    if letter != "s":
        # Those who may see them do, so the search would find them.
        wrong += [
            f"nowhere {word!r}"
            for word, letters in practice.secrets
            if letter in letters and word not in met
        ]
    for url, start in links.items():
        if url not in opened and "logout" not in url:
            opened[url] = is_granted(client.get(url))
        if not opened.get(url, True):
            wrong.append(f"GET {start} links to {url}, which is refused")
    for case in asked:
        if case.post is None or (case.is_made_by_django and letter in case.post):
            continue  # other tests cover that permitted staff can submit forms
        name = case.url.rstrip("/").rpartition("/")[2]
        response = client.post(case.url, POST_DATA.get(name, {}))
        if is_granted(response) is not (letter in case.post):
            wrong.append(f"POST {case.url}: {response.status_code} {getattr(response, 'url', '')}")
    assert not wrong, "\n".join(wrong)

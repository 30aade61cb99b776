"""Changing keys: whole, resumable, and nobody is lost on the way."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save

from consultations.booking.models import Consultation
from consultations.booking.staff import staff_words
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.privacy import canary, rotation
from practice_site.env import parse_field_keys
from tests.consultations.privacy.test_fields import raw, tamper, write_raw
from tests.factories.consultations import NOW, make_comment, make_consultation
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
OLD, NEW = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.FIELD_KEYS = [OLD]
    make_practice()


def run(act: str, capsys) -> tuple[dict, int]:
    code = 0
    try:
        call_command("keys", act, "--json")
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(capsys.readouterr().out), code


def test_everything_is_brought_under_the_newest_key(settings) -> None:
    row = make_consultation(name="Ada", phone="+15035550142", note="A note")
    comment = make_comment(name="Sam")
    assert canary.check()
    settings.FIELD_KEYS = [NEW, OLD]
    done, unreadable = rotation.rotate()
    assert done["consultations.Consultation"] == done["consultations.Comment"] == 1
    assert done["consultations.KeyCanary"] == 1
    assert unreadable == 0
    settings.FIELD_KEYS = [NEW]
    row, comment = Consultation.objects.get(pk=row.pk), Comment.objects.get(pk=comment.pk)
    assert (row.name, row.note, comment.name) == ("Ada", "A note", "Sam")
    assert canary.check()
    assert set(rotation.verify()[0]) == {2}


def test_an_interrupted_rotation_is_finished_by_the_next(settings, monkeypatch) -> None:
    rows = [make_consultation(name=f"Name {number}") for number in range(5)]
    settings.FIELD_KEYS = [NEW, OLD]
    monkeypatch.setattr(rotation, "BATCH", 2)
    monkeypatch.setattr(rotation, "private_models", lambda: [Consultation])
    seen: list[Consultation] = []

    def killed_on_the_way(instance: Consultation, **_more: Any) -> None:
        seen.append(instance)
        if len(seen) == 4:
            raise KeyboardInterrupt

    pre_save.connect(killed_on_the_way, sender=Consultation)
    try:
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate()
    finally:
        pre_save.disconnect(killed_on_the_way, sender=Consultation)
    # The batch in which it stopped was rolled back whole.
    assert sorted(raw(row, "name")[1] for row in rows) == [1, 1, 1, 2, 2]
    assert {Consultation.objects.get(pk=row.pk).name for row in rows} == {
        f"Name {number}" for number in range(5)
    }
    assert rotation.rotate()[0]["consultations.Consultation"] == 3
    assert rotation.rotate() == ({}, 0)


def test_one_unreadable_row_does_not_hold_the_others_up(settings, capsys) -> None:
    bad, good = make_consultation(name="Bad"), make_consultation(name="Good")
    tamper(bad, "name")
    settings.FIELD_KEYS = [NEW, OLD]
    assert rotation.rotate()[1] == 1
    assert (raw(bad, "name")[1], raw(good, "name")[1]) == (1, 2)
    answer, code = run("retire", capsys)
    assert (answer["still needed"], code) == ([1], 1)


def test_a_person_is_recognised_before_during_and_after(settings) -> None:
    first = make_consultation(email="Ada@Mail.example", phone="+15035550142")
    settings.FIELD_KEYS = [NEW, OLD]
    by_email = make_consultation(email="ada@mail.example", phone="")
    by_phone = make_consultation(email="other@mail.example", phone="+15035550142")
    for _ in ("before", "after"):
        found = {row.pk for row in staff_words.same_person(Consultation.objects.get(pk=first.pk))}
        assert found == {by_email.pk, by_phone.pk}
        back = staff_words.same_person(Consultation.objects.get(pk=by_phone.pk))
        assert [row.pk for row in back] == [first.pk]
        rotation.rotate()
        settings.FIELD_KEYS = [NEW]


def test_a_comment_sent_twice_is_recognised_over_a_change_of_keys(settings) -> None:
    article = make_article()
    words: dict[str, Any] = {"name": "Sam", "email": "sam@mail.example", "text": "The same words"}
    first = make_comment(article=article, **words)
    settings.FIELD_KEYS = [NEW, OLD]
    assert make_comment(article=article, **words) == first
    with pytest.raises(comments.Duplicate):
        make_comment(article=article, now=NOW.replace(hour=20), **words)


def test_the_command_prints_a_key_and_keeps_none(settings, capsys) -> None:
    settings.FIELD_KEYS = [(4, b"d" * 32), OLD]
    answer, code = run("new", capsys)
    (key_id, key), *_rest = parse_field_keys(answer["key"])
    assert (key_id, len(key), code) == (5, 32, 0)
    assert key not in dict(settings.FIELD_KEYS).values()


def test_the_command_verifies_rotates_and_says_what_may_go(settings, capsys) -> None:
    make_consultation()
    canary.check()
    settings.FIELD_KEYS = [NEW, OLD]
    assert run("retire", capsys) == (
        {"may be removed from FIELD_KEYS": [], "still needed": [1]}, 1
    )  # fmt: skip
    assert run("rotate", capsys)[0]["rows re-encrypted"] > 0
    answer, code = run("verify", capsys)
    assert (set(answer), code) == ({"cells under key 2", "cells that cannot be read"}, 0)
    assert run("retire", capsys) == (
        {"may be removed from FIELD_KEYS": [1], "still needed": []}, 0
    )  # fmt: skip


def test_verify_says_when_keys_do_not_fit(settings, capsys) -> None:
    make_consultation()
    canary.check()
    settings.FIELD_KEYS = [NEW]
    answer, code = run("verify", capsys)
    assert answer["cells that cannot be read"] > 0
    assert code == 1


def test_the_cells_beside_an_unreadable_one_are_taken_along(settings) -> None:
    row = make_consultation(name="Bad", email="ada@mail.example", note="Good")
    tamper(row, "name")
    settings.FIELD_KEYS = [NEW, OLD]
    assert rotation.rotate()[1] == 1
    assert (raw(row, "name")[1], raw(row, "note")[1]) == (1, 2)
    settings.FIELD_KEYS = [NEW]
    assert Consultation.objects.get(pk=row.pk).note == "Good"


def test_an_id_is_found_also_after_255_keys(settings, capsys) -> None:
    settings.FIELD_KEYS = [(255, b"z" * 32), (1, b"a" * 32)]
    assert run("new", capsys)[0]["key"].startswith("2:")


@pytest.mark.parametrize("held", [b"", b"\x01", b"\x01\x01" + b"x" * 12, "Ann", 5, 10**15])
def test_a_cell_that_is_no_ciphertext_stops_neither_the_list_nor_the_keys(
    settings, capsys, held
) -> None:
    """SQLite keeps a number or a text where bytes belong; PostgreSQL takes bytes only."""
    if connection.vendor == "postgresql" and not isinstance(held, bytes):
        held = str(held).encode()
    damaged, whole = make_consultation(name="Ada"), make_consultation(name="Ben")
    write_raw(damaged, "name", held)
    assert Consultation.objects.get(pk=whole.pk) in list(Consultation.objects.all())
    settings.FIELD_KEYS = [NEW, OLD]
    done, code = run("rotate", capsys)
    assert (done["rows that cannot be read"], code) == (1, 1)
    settings.FIELD_KEYS = [NEW]
    assert Consultation.objects.get(pk=whole.pk).name == "Ben"
    found, code = run("verify", capsys)
    assert (found["cells that cannot be read"], code) == (1, 1)

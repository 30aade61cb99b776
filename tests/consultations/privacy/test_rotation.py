"""Key rotation: complete, resumable, and without losing a row."""

import json
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.models.signals import pre_save

from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.comments import workflow as comments
from consultations.comments.models import Comment
from consultations.privacy import canary, rotation
from practice_site.env import parse_field_keys
from tests.consultations.privacy.test_fields import read_raw, tamper, write_raw
from tests.factories.consultations import NOW, make_comment, make_consultation
from tests.factories.pages import make_article, make_practice

pytestmark = pytest.mark.django_db
OLD_KEY, NEW_KEY = (1, b"a" * 32), (2, b"b" * 32)


@pytest.fixture(autouse=True)
def _old_key(settings):
    settings.FIELD_KEYS = [OLD_KEY]
    make_practice()


def run_keys_command(act: str, capsys) -> tuple[dict, int]:
    code = 0
    try:
        call_command("keys", act, "--json")
    except SystemExit as stop:
        code = int(stop.code or 0)
    return json.loads(capsys.readouterr().out), code


def test_rotation_reencrypts_everything_with_the_newest_key(settings) -> None:
    row = make_consultation(name="Ada", phone="+15035550142", note="A note")
    comment = make_comment(name="Sam")
    assert canary.verify_keys()
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    done, unreadable = rotation.rotate_keys()
    assert done["consultations.Consultation"] == done["consultations.Comment"] == 1
    assert done["consultations.KeyCanary"] == 1
    assert unreadable == 0
    settings.FIELD_KEYS = [NEW_KEY]
    row, comment = Consultation.objects.get(pk=row.pk), Comment.objects.get(pk=comment.pk)
    assert (row.name, row.note, comment.name) == ("Ada", "A note", "Sam")
    assert canary.verify_keys()
    assert set(rotation.count_values_by_key()[0]) == {2}


def test_interrupted_rotation_is_resumed(settings, monkeypatch) -> None:
    rows = [make_consultation(name=f"Name {number}") for number in range(5)]
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    monkeypatch.setattr(rotation, "BATCH_SIZE", 2)
    monkeypatch.setattr(rotation, "private_models", lambda: [Consultation])
    seen: list[Consultation] = []

    def killed_on_the_way(instance: Consultation, **_more: Any) -> None:
        seen.append(instance)
        if len(seen) == 4:
            raise KeyboardInterrupt

    pre_save.connect(killed_on_the_way, sender=Consultation)
    try:
        with pytest.raises(KeyboardInterrupt):
            rotation.rotate_keys()
    finally:
        pre_save.disconnect(killed_on_the_way, sender=Consultation)
    # The batch in which it stopped was rolled back whole.
    assert sorted(read_raw(row, "name")[1] for row in rows) == [1, 1, 1, 2, 2]
    assert {Consultation.objects.get(pk=row.pk).name for row in rows} == {
        f"Name {number}" for number in range(5)
    }
    assert rotation.rotate_keys()[0]["consultations.Consultation"] == 3
    assert rotation.rotate_keys() == ({}, 0)


def test_unreadable_row_does_not_block_rotation(settings, capsys) -> None:
    bad, good = make_consultation(name="Bad"), make_consultation(name="Good")
    tamper(bad, "name")
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert rotation.rotate_keys()[1] == 1
    assert (read_raw(bad, "name")[1], read_raw(good, "name")[1]) == (1, 2)
    answer, code = run_keys_command("retire", capsys)
    assert (answer["still needed"], code) == ([1], 1)


def test_same_person_is_matched_across_rotation(settings) -> None:
    first = make_consultation(email="Ada@Mail.example", phone="+15035550142")
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    by_email = make_consultation(email="ada@mail.example", phone="")
    by_phone = make_consultation(email="other@mail.example", phone="+15035550142")
    for _ in ("before", "after"):
        matches = {
            row.pk
            for row in display.consultations_of_same_person(Consultation.objects.get(pk=first.pk))
        }
        assert matches == {by_email.pk, by_phone.pk}
        back = display.consultations_of_same_person(Consultation.objects.get(pk=by_phone.pk))
        assert [row.pk for row in back] == [first.pk]
        rotation.rotate_keys()
        settings.FIELD_KEYS = [NEW_KEY]


def test_duplicate_comment_is_detected_across_rotation(settings) -> None:
    article = make_article()
    words: dict[str, Any] = {"name": "Sam", "email": "sam@mail.example", "text": "The same words"}
    first = make_comment(article=article, **words)
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert make_comment(article=article, **words) == first
    with pytest.raises(comments.Duplicate):
        make_comment(article=article, now=NOW.replace(hour=20), **words)


def test_new_prints_a_key_without_storing_it(settings, capsys) -> None:
    settings.FIELD_KEYS = [(4, b"d" * 32), OLD_KEY]
    answer, code = run_keys_command("new", capsys)
    (key_id, key), *_rest = parse_field_keys(answer["key"])
    assert (key_id, len(key), code) == (5, 32, 0)
    assert key not in dict(settings.FIELD_KEYS).values()


def test_command_rotates_verifies_and_lists_retirable_keys(settings, capsys) -> None:
    make_consultation()
    canary.verify_keys()
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert run_keys_command("retire", capsys) == (
        {"may be removed from FIELD_KEYS": [], "still needed": [1]}, 1
    )  # fmt: skip
    assert run_keys_command("rotate", capsys)[0]["rows re-encrypted"] > 0
    answer, code = run_keys_command("verify", capsys)
    assert (set(answer), code) == ({"cells under key 2", "cells that cannot be read"}, 0)
    assert run_keys_command("retire", capsys) == (
        {"may be removed from FIELD_KEYS": [1], "still needed": []}, 0
    )  # fmt: skip


def test_verify_reports_values_of_missing_keys(settings, capsys) -> None:
    make_consultation()
    canary.verify_keys()
    settings.FIELD_KEYS = [NEW_KEY]
    answer, code = run_keys_command("verify", capsys)
    assert answer["cells that cannot be read"] > 0
    assert code == 1


def test_readable_fields_of_a_damaged_row_are_rotated(settings) -> None:
    row = make_consultation(name="Bad", email="ada@mail.example", note="Good")
    tamper(row, "name")
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    assert rotation.rotate_keys()[1] == 1
    assert (read_raw(row, "name")[1], read_raw(row, "note")[1]) == (1, 2)
    settings.FIELD_KEYS = [NEW_KEY]
    assert Consultation.objects.get(pk=row.pk).note == "Good"


def test_new_key_id_wraps_around_after_255(settings, capsys) -> None:
    settings.FIELD_KEYS = [(255, b"z" * 32), (1, b"a" * 32)]
    assert run_keys_command("new", capsys)[0]["key"].startswith("2:")


@pytest.mark.parametrize("held", [b"", b"\x01", b"\x01\x01" + b"x" * 12, "Ann", 5, 10**15])
def test_invalid_ciphertext_blocks_neither_lists_nor_rotation(settings, capsys, held) -> None:
    """SQLite accepts a number or text in a bytes column; PostgreSQL does not."""
    if connection.vendor == "postgresql" and not isinstance(held, bytes):
        held = str(held).encode()
    damaged, whole = make_consultation(name="Ada"), make_consultation(name="Ben")
    write_raw(damaged, "name", held)
    assert Consultation.objects.get(pk=whole.pk) in list(Consultation.objects.all())
    settings.FIELD_KEYS = [NEW_KEY, OLD_KEY]
    done, code = run_keys_command("rotate", capsys)
    assert (done["rows that cannot be read"], code) == (1, 1)
    settings.FIELD_KEYS = [NEW_KEY]
    assert Consultation.objects.get(pk=whole.pk).name == "Ben"
    report, code = run_keys_command("verify", capsys)
    assert (report["cells that cannot be read"], code) == (1, 1)

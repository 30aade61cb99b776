"""Tests for making pending variants and removing orphaned files."""

import errno
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pages.media import files, maintenance, workflow
from pages.media.models import Picture, VariantState
from tests.factories.pictures import gradient_image, make_picture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def variant_states() -> list[str]:
    return list(Picture.objects.order_by("uploaded_at").values_list("variants", flat=True))


def test_pending_variants_are_made_once() -> None:
    make_picture(gradient_image(500, 300))
    make_picture(gradient_image(300, 300))
    assert maintenance.make_pending_variants() == 2
    assert variant_states() == ["made", "made"]
    assert maintenance.make_pending_variants() == 0


def test_run_stops_at_time_limit_and_next_continues() -> None:
    for _ in range(3):
        make_picture(gradient_image(40, 30))
    assert [maintenance.make_pending_variants(seconds=0) for _ in range(4)] == [1, 1, 1, 0]


def test_bad_file_is_marked_and_others_proceed() -> None:
    bad = make_picture(gradient_image(500, 300), now=NOW - timedelta(days=1))
    bad.master_path.write_bytes(b"\xff\xd8\xff nothing")
    lost = make_picture(gradient_image(500, 300), now=NOW - timedelta(hours=1))
    lost.master_path.unlink()
    make_picture(gradient_image(500, 300), now=NOW)
    assert maintenance.make_pending_variants() == 1
    assert variant_states() == ["bad", "bad", "made"]
    assert files.picture_path(bad.pk, "500.jpg").exists()


def test_interrupted_run_resumes_without_loss(monkeypatch) -> None:
    picture = make_picture(gradient_image(1000, 500))
    encode = files.encode_variant
    written: list[str] = []

    def stop_at_the_third(image, name):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(name)
        return encode(image, name)

    monkeypatch.setattr(files, "encode_variant", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        maintenance.make_pending_variants()
    assert variant_states() == ["due"]
    monkeypatch.setattr(files, "encode_variant", encode)
    assert maintenance.make_pending_variants() == 1
    names = {path.name for path in files.picture_dir(picture.pk).iterdir()}
    assert names == {"master.jpg", *files.variant_names(1000)}


def test_full_disk_leaves_picture_pending(monkeypatch) -> None:
    picture = make_picture(gradient_image(500, 300))

    def full(*_args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files, "write_picture_file", full)
    with pytest.raises(OSError, match="full"):
        maintenance.make_pending_variants()
    picture.refresh_from_db()
    assert picture.variants == VariantState.DUE


def test_orphaned_files_are_removed_after_a_day() -> None:
    kept, lost, young = make_picture(), uuid4(), uuid4()
    for uuid in (lost, young):
        files.write_picture_file(uuid, "800.jpg", b"x")
    (files.pictures_dir() / "notes").mkdir()
    old = (NOW - timedelta(days=2)).timestamp()
    for uuid in (kept.pk, lost):
        os.utime(files.picture_dir(uuid), (old, old))
    os.utime(files.picture_dir(young), (NOW.timestamp(), NOW.timestamp()))
    assert maintenance.remove_orphans(now=NOW) == 1
    left = {path.name for path in files.pictures_dir().iterdir()}
    assert left == {kept.pk.hex, young.hex, "notes"}
    assert maintenance.remove_orphans(now=NOW) == 0


def test_failed_insert_removes_files(monkeypatch) -> None:
    def no_row(**_words):
        raise RuntimeError("no row")

    monkeypatch.setattr(Picture.objects, "create", no_row)
    with pytest.raises(RuntimeError):
        make_picture()
    assert list(files.pictures_dir().iterdir()) == []
    assert workflow.picture_name_from_file(object()) == "Picture"

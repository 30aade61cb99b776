import errno
import os
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest

from pages.media import files, maintenance, workflow
from pages.media.models import Picture, VariantState
from tests.factories.pictures import gradient, make_picture

pytestmark = pytest.mark.django_db
NOW = datetime(2026, 6, 1, tzinfo=UTC)


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path / "media"


def states() -> list[str]:
    return list(Picture.objects.order_by("uploaded_at").values_list("variants", flat=True))


def test_what_is_due_is_made_once() -> None:
    make_picture(gradient(500, 300))
    make_picture(gradient(300, 300))
    assert maintenance.make_due() == 2
    assert states() == ["made", "made"]
    assert maintenance.make_due() == 0


def test_a_round_ends_in_time_and_the_next_goes_on() -> None:
    for _ in range(3):
        make_picture(gradient(40, 30))
    assert [maintenance.make_due(seconds=0) for _ in range(4)] == [1, 1, 1, 0]


def test_a_bad_file_is_marked_and_does_not_hold_up_the_others() -> None:
    bad = make_picture(gradient(500, 300), now=NOW - timedelta(days=1))
    bad.master_path.write_bytes(b"\xff\xd8\xff nothing")
    lost = make_picture(gradient(500, 300), now=NOW - timedelta(hours=1))
    lost.master_path.unlink()
    make_picture(gradient(500, 300), now=NOW)
    assert maintenance.make_due() == 1
    assert states() == ["bad", "bad", "made"]
    assert files.path(bad.pk, "500.jpg").exists()


def test_a_stop_in_the_middle_loses_nothing(monkeypatch) -> None:
    picture = make_picture(gradient(1000, 500))
    encode = files.encode_variant
    written: list[str] = []

    def stop_at_the_third(image, name):
        if len(written) == 2:
            raise KeyboardInterrupt
        written.append(name)
        return encode(image, name)

    monkeypatch.setattr(files, "encode_variant", stop_at_the_third)
    with pytest.raises(KeyboardInterrupt):
        maintenance.make_due()
    assert states() == ["due"]
    monkeypatch.setattr(files, "encode_variant", encode)
    assert maintenance.make_due() == 1
    made = {path.name for path in files.folder(picture.pk).iterdir()}
    assert made == {"master.jpg", *files.variant_names(1000)}


def test_a_full_disk_is_no_fault_of_the_picture(monkeypatch) -> None:
    picture = make_picture(gradient(500, 300))

    def full(*_args):
        raise OSError(errno.ENOSPC, "full")

    monkeypatch.setattr(files, "write", full)
    with pytest.raises(OSError, match="full"):
        maintenance.make_due()
    picture.refresh_from_db()
    assert picture.variants == VariantState.DUE


def test_files_without_a_row_go_after_a_day() -> None:
    kept, lost, young = make_picture(), uuid4(), uuid4()
    for uuid in (lost, young):
        files.write(uuid, "800.jpg", b"x")
    (files.root() / "notes").mkdir()
    old = (NOW - timedelta(days=2)).timestamp()
    for uuid in (kept.pk, lost):
        os.utime(files.folder(uuid), (old, old))
    os.utime(files.folder(young), (NOW.timestamp(), NOW.timestamp()))
    assert maintenance.remove_orphans(now=NOW) == 1
    left = {path.name for path in files.root().iterdir()}
    assert left == {kept.pk.hex, young.hex, "notes"}
    assert maintenance.remove_orphans(now=NOW) == 0


def test_nothing_is_kept_when_the_row_cannot_be_written(monkeypatch) -> None:
    def no_row(**_words):
        raise RuntimeError("no row")

    monkeypatch.setattr(Picture.objects, "create", no_row)
    with pytest.raises(RuntimeError):
        make_picture()
    assert list(files.root().iterdir()) == []
    assert workflow.name_of(object()) == "Picture"

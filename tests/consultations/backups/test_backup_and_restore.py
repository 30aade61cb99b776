"""Test backup and restore end to end, with real processes and concurrent writes.

People erased after the backup stay erased after the restore. Wrong keys, truncated or modified
files and targets that are not empty are refused with a one-line message.
"""

import json
import os
import shutil
import sqlite3
import threading
from pathlib import Path
from uuid import uuid4

import pytest
from django.db import connection

from tests.site_instances import FIELD_KEYS, SiteInstance, site_factory

pytestmark = pytest.mark.slow
OTHER_FIELD_KEYS = "1:" + "enp6" * 10 + "eno="
MARK = "Zwetschgenkompott"
SEED_SCRIPT = f"""
from django.utils import timezone
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
from pages.articles.models import Article
now = timezone.now()
article = Article.objects.first()
for n in range(20):
    Consultation.objects.create(
        reference=f"HC-S-{{n}}", idempotency_key=f"seed{{n}}", kind="call_back", visitor_zone="UTC",
        channel="email", consent_version="1", consent_at=now, reply_by=now, created_at=now,
        name=f"{MARK} {{n}}", email=f"p{{n % 2}}@mail.example", note="{MARK}",
    )
Comment.objects.create(article=article, name="{MARK}", email="p0@mail.example", text="{MARK}",
    created_at=now, status_changed_at=now)
default_storage.save("pictures/a.webp", ContentFile(b"picture bytes"))
"""
LOOK_SCRIPT = """
import hashlib, json
from django.apps import apps
from django.core.files.storage import default_storage
from consultations.booking.models import Consultation
from consultations.comments.models import Comment
rows = {}
for model in apps.get_models():
    digest = hashlib.sha256()
    for row in model._base_manager.order_by("pk"):
        held = [row.__dict__.get(field.attname) for field in model._meta.concrete_fields]
        words = [one.raw.hex() if hasattr(one, "raw") else str(one) for one in held]
        digest.update(repr(words).encode())
    rows[model._meta.label] = digest.hexdigest()
seeded = Consultation.objects.filter(reference__startswith="HC-S-")
print(json.dumps({
    "rows": rows,
    "people": sorted({row.email for row in seeded}),
    "names": sorted({row.name.split()[0] for row in seeded}),
    "comments": [row.email for row in Comment.objects.all() if row.email.endswith("mail.example")],
    "picture": default_storage.open("pictures/a.webp").read().decode(),
}))
"""


@pytest.fixture
def place(tmp_path, django_db_setup, django_db_blocker):
    with django_db_blocker.unblock(), site_factory(tmp_path) as made:
        yield made


def read_files(folder: Path) -> dict[str, bytes]:
    """Return the content of each file in a folder by its relative path."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def write_until_stopped(site: SiteInstance, is_over: threading.Event) -> None:
    """Keep writing to the database while the backup is being made."""
    line = sqlite3.connect(site.data / "db.sqlite3", timeout=30)
    while not is_over.is_set():
        with line:
            line.execute("UPDATE pages_practiceprofile SET tagline = ?", [uuid4().hex])
    line.close()


IS_PG_DUMP_MISSING = "postgres" in os.environ.get("DATABASE_URL", "") and not shutil.which(
    "pg_dump"
)


@pytest.mark.skipif(IS_PG_DUMP_MISSING, reason="pg_dump is not here")
def test_backup_restores_data_without_erased_people(place, tmp_path) -> None:
    old = place("old")
    old.manage("prepare", "--no-static")
    old.manage("load_demo")
    old.manage("shell", "-c", SEED_SCRIPT)
    made = json.loads(old.manage("backup", "--json"))
    before = old.read_json(LOOK_SCRIPT)
    assert made["ok"] is True
    media = read_files(old.data / "media")
    assert "pictures/a.webp" in media
    assert made["media_files"] == len(media)
    if connection.vendor == "sqlite":
        is_over = threading.Event()
        writer = threading.Thread(target=write_until_stopped, args=[old, is_over])
        writer.start()
        try:
            busy = json.loads(old.manage("backup", "--json"))
            assert json.loads(old.manage("restore", busy["file"], "--check", "--json"))["ok"]
        finally:
            is_over.set()
            writer.join()

    file = Path(made["file"])
    raw = file.read_bytes()
    # The file contains no plain text and no keys.
    key = (old.data / "keys" / "backup_key").read_text().strip()
    for words in (MARK, "SQLite format", "picture bytes", FIELD_KEYS.split(":")[1], key):
        assert words.encode() not in raw
    assert json.loads(old.manage("restore", str(file), "--check", "--json"))["rows"] == made["rows"]

    # After the backup, a person asks for erasure.
    assert json.loads(old.manage("forget", "p0@mail.example", "--json"))["records"]
    assert old.read_json(LOOK_SCRIPT)["people"] == ["p1@mail.example"]

    # The server is lost; the backups and the key were stored elsewhere.
    elsewhere = tmp_path / "elsewhere"
    shutil.copytree(old.data / "backups", elsewhere)
    key_file = tmp_path / "private_key"
    key_file.write_text(key)
    kept = elsewhere / file.name
    new = place("new")
    restored = json.loads(new.manage("restore", str(kept), "--key", str(key_file), "--json"))
    assert restored["erased_again"] >= 11  # ten consultations and a comment
    after = new.read_json(LOOK_SCRIPT)
    assert after["people"] == ["p1@mail.example"]
    assert after["comments"] == []
    assert after["names"] == [MARK]
    assert after["picture"] == "picture bytes"
    assert read_files(new.data / "media") == media
    same = {
        "consultations.ConsultationType",
        "pages.Article",
        "auth.User",
        "pages.PracticeProfile",
        "consultations.KeyCanary",
        "consultations.DurableKey",
    }
    assert {label: after["rows"][label] for label in same} == {
        label: before["rows"][label] for label in same
    }
    assert json.loads(new.manage("audit", "verify", "--json"))["ok"] is True
    new.manage("prepare", "--no-static")

    # Invalid restores fail with a one-line message and change nothing.
    assert " already" in new.refused("restore", str(kept), "--key", str(key_file))
    empty = place("empty")
    assert "private key is missing" in empty.refused("restore", str(kept))
    wrong = tmp_path / "wrong_key"
    wrong.write_text(json.loads(empty.manage("backup", "--new-key", "--json"))["private"])
    assert "wrong key" in empty.refused("restore", str(kept), "--key", str(wrong))
    cut, flipped = elsewhere / "cut.backup", elsewhere / "flipped.backup"
    cut.write_bytes(raw[: len(raw) // 2])
    changed = bytearray(raw)
    changed[len(raw) // 2] ^= 1
    flipped.write_bytes(bytes(changed))
    for bad in (cut, flipped):
        assert "damaged" in empty.refused("restore", str(bad), "--key", str(key_file))
    strange = place("strange", keys=OTHER_FIELD_KEYS)
    for flag in ([], ["--check"]):
        said = strange.refused("restore", str(kept), "--key", str(key_file), *flag)
        assert "FIELD_KEYS cannot open it" in said
    for site in (empty, strange):
        assert not list(site.data.glob("restore-*"))
        database = site.data / "db.sqlite3"
        assert not database.exists() or database.stat().st_size == 0
        assert not (site.data / "media").exists()

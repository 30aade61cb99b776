"""Marked words through every form there is; then a search through all that is kept or said."""

import re
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from consultations.audit.models import AuditEntry
from consultations.backups import create, storage
from consultations.backups.encryption import DecryptingReader
from tests.factories.consultations import NOW
from tests.factories.pages import make_whole_site
from tests.form_walk import EXCUSED, PASSWORD, EveryForm, forms_with_words, visitors_routes
from tests.leak_search import HASHES, encodings, find_many, mail_places
from tests.test_privacy import logs

__all__ = ["logs"]  # a fixture


@pytest.fixture
def every(
    transactional_db, client, admin_client, admin_user, settings, tmp_path, logs, monkeypatch
):
    settings.RATE_LIMIT_SCALE = 0
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    settings.SITE_URL = "http://testserver"
    settings.DATA_DIR, settings.KEYS_DIR = tmp_path, tmp_path / "keys"
    settings.BACKUP_PUBLIC_KEY = ""
    make_whole_site()
    admin_user.set_password(PASSWORD)
    admin_user.save()
    admin_client.force_login(admin_user)
    return EveryForm(client, admin_client, tmp_path / "mail", logs, monkeypatch=monkeypatch)


def in_a_backup() -> dict[str, bytes]:
    """The file as it lies there, and all that its key opens: the database and the list in it."""
    if connection.vendor != "sqlite":
        return {}
    file = Path(create.create_backup(now=NOW).file)
    private = storage.private_key_path().read_text(encoding="ascii")
    opened = DecryptingReader(BytesIO(file.read_bytes()), private=private).readall()
    assert opened is not None
    inside = {"backup": file.read_bytes(), "backup, opened": opened}
    with tarfile.open(fileobj=BytesIO(opened)) as archive:
        assert any("sqlite3" in name for name in archive.getnames())
    return inside


def without_attendees(mails: dict[str, bytes]) -> dict[str, bytes]:
    """The decoded parts and heads; a calendar names its one guest, who is the one it goes to."""
    parts = {name: content for name, content in mails.items() if not name.endswith(".eml")}
    assert any(b"ATTENDEE" in content for content in parts.values())
    guest = re.compile(rb"^ATTENDEE.*?(?=\r?\n\S)", re.DOTALL | re.MULTILINE)
    return {name: guest.sub(b"", content) for name, content in parts.items()}


def test_twelve_hashes_and_twice_as_many_encodings_are_looked_for() -> None:
    found = encodings("ada.visitor@mail.example")
    hashed = {what for what in found if any(name in what for name in ("md5", "sha", "blake"))}
    assert len(HASHES) >= 12
    assert len({found[what] for what in set(found) - hashed}) >= 24


def test_what_goes_through_any_form_is_found_nowhere_in_clear(every, capfd) -> None:
    every.go()
    assert forms_with_words() - every.bound == set(EXCUSED)
    assert visitors_routes() - every.routes == set()

    pages = every.public_pages()
    secret = list(every.secret.values())
    assert len(secret) > 70
    places: dict[str, Any] = {**every.database(), **in_a_backup(), **pages}
    audit = "\n".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "revealed" in audit
    places["audit log"] = audit.encode()
    assert find_many(secret, places) == []

    # Here not even what is published may stand.
    everything = [*secret, *every.public.values()]
    out, err = capfd.readouterr()
    said = {
        **without_attendees(mail_places(every.folder)),
        **every.logs.places(),
        **every.talk(),
        **every.admin_log_text(),
        "audit log": audit.encode(),
        "stdout": out.encode(),
        "stderr": err.encode(),
    }
    assert len(said) > 20
    found = find_many(everything, said)
    assert found == [], found
    # What is public is found where it belongs: the search does look at these places.
    assert find_many([every.public["shown words"]], pages)
    assert find_many([every.public["reply"]], places)

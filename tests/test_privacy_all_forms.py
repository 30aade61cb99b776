"""Submit marked words through every form, then search everything stored, sent or logged."""

import re
import tarfile
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.db import connection

from consultations.audit.models import AuditEntry
from consultations.backups import create, encryption, storage
from tests.factories.consultations import NOW
from tests.factories.pages import make_whole_site
from tests.form_walk import FORMS_NOT_SUBMITTED, PASSWORD, FormWalk, text_form_names, visitor_routes
from tests.leak_search import HASH_FUNCTIONS, all_encodings, email_places, find_encoded_words
from tests.test_privacy import captured_logs

__all__ = ["captured_logs"]  # a fixture


@pytest.fixture
def form_walk(
    transactional_db,
    client,
    admin_client,
    admin_user,
    settings,
    tmp_path,
    captured_logs,
    monkeypatch,
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
    return FormWalk(client, admin_client, tmp_path / "mail", captured_logs, monkeypatch=monkeypatch)


def backup_contents() -> dict[str, bytes]:
    """Return the backup file as stored, and its decrypted contents."""
    if connection.vendor != "sqlite":
        return {}
    file = Path(create.create_backup(now=NOW).file)
    private = storage.private_key_path().read_text(encoding="ascii")
    decrypted = file.with_suffix(".opened")
    encryption.decrypt_file(file, decrypted, private)
    opened = decrypted.read_bytes()
    decrypted.unlink()
    inside = {"backup": file.read_bytes(), "backup, opened": opened}
    with tarfile.open(fileobj=BytesIO(opened)) as archive:
        assert any("sqlite3" in name for name in archive.getnames())
    return inside


def strip_calendar_attendees(mails: dict[str, bytes]) -> dict[str, bytes]:
    """Remove the attendee from calendar files: it names the recipient of the email."""
    parts = {name: content for name, content in mails.items() if not name.endswith(".eml")}
    assert any(b"ATTENDEE" in content for content in parts.values())
    guest = re.compile(rb"^ATTENDEE.*?(?=\r?\n\S)", re.DOTALL | re.MULTILINE)
    return {name: guest.sub(b"", content) for name, content in parts.items()}


def test_leak_search_covers_twelve_hashes_and_many_encodings() -> None:
    found = all_encodings("ada.visitor@mail.example")
    hashed = {what for what in found if any(name in what for name in ("md5", "sha", "blake"))}
    assert len(HASH_FUNCTIONS) >= 12
    assert len({found[what] for what in set(found) - hashed}) >= 24


def test_submitted_text_never_appears_in_plaintext(form_walk, capfd) -> None:
    form_walk.go()
    assert text_form_names() - form_walk.bound == set(FORMS_NOT_SUBMITTED)
    assert visitor_routes() - form_walk.routes == set()

    pages = form_walk.public_pages()
    secret = list(form_walk.secret.values())
    assert len(secret) > 70
    places: dict[str, Any] = {**form_walk.database(), **backup_contents(), **pages}
    audit = "\n".join(str(vars(entry)) for entry in AuditEntry.objects.all())
    assert "revealed" in audit
    places["audit log"] = audit.encode()
    assert find_encoded_words(secret, places) == []

    # These may not even contain published text.
    everything = [*secret, *form_walk.public.values()]
    out, err = capfd.readouterr()
    output = {
        **strip_calendar_attendees(email_places(form_walk.folder)),
        **form_walk.logs.places(),
        **form_walk.response_metadata(),
        **form_walk.admin_log_text(),
        "audit log": audit.encode(),
        "stdout": out.encode(),
        "stderr": err.encode(),
    }
    assert len(output) > 20
    found = find_encoded_words(everything, output)
    assert found == [], found
    # Public text is found where it belongs, so the search does cover these places.
    assert find_encoded_words([form_walk.public["shown words"]], pages)
    assert find_encoded_words([form_walk.public["reply"]], places)

"""After two hundred comments, no commenter's email address appears anywhere, hashed or encoded.

Searched: pages, feeds, headers, static files, logs and emails, and the database for plaintext.
"""

import re
from pathlib import Path

import pytest
from django.conf import settings as site_settings
from django.core.management import call_command
from django.db import connection
from django.utils import timezone

from consultations.comments import workflow
from consultations.comments.models import Comment
from consultations.outbox.models import OutgoingEmail
from consultations.privacy import encryption
from tests.factories.consultations import comment_form_data, make_staff
from tests.factories.pages import make_whole_site
from tests.leak_search import all_encodings, capture_logs, email_places, find_encoded_words

ARTICLE_PATH = "/articles/reading-2/"
COMMENT_COUNT = 200


def email_for(number: int) -> str:
    return f"Marked.Quill{number:03}@Mail{number:03}.example.org"


EMAILS = [email_for(number) for number in range(COMMENT_COUNT)]


@pytest.fixture
def site_output(transactional_db, client, settings, tmp_path):
    """Post, publish and answer two hundred comments; return every response by its path."""
    settings.RATE_LIMIT_SCALE = 0
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    make_whole_site()
    staff, now, output = make_staff(), timezone.now(), {}

    def note(name: str, response) -> str:
        heads = "\n".join(f"{key}: {value}" for key, value in response.headers.items())
        output[name] = heads.encode() + b"\n\n" + response.content
        return response.headers.get("Location", "")

    with capture_logs() as logs:
        own = []
        for number, email in enumerate(EMAILS):
            words = f"Marked words, number {number}."
            post = comment_form_data(
                text=words, name=f"Reader {number}", email=email, wants_notice="on"
            )
            own.append(note(f"post {number}", client.post(f"{ARTICLE_PATH}comments/", post)))
        assert all(own)
        for comment in Comment.objects.order_by("created_at"):
            workflow.approve_comment(comment, by=staff, now=now)
        first = Comment.objects.order_by("created_at")[0]
        workflow.reply_to_comment(first, text="Thank you all.", by=staff, now=now)
        OutgoingEmail.objects.update(next_at=now)
        for _round in range(10):
            call_command("worker", "--once")
        links = Comment.objects.values_list("public_id", flat=True)[:5]
        paths = [
            *(
                "/",
                "/articles/",
                ARTICLE_PATH,
                f"{ARTICLE_PATH}?comments=2",
                f"{ARTICLE_PATH}?comments=3",
            ),
            *("/articles/feed/rss/", "/articles/feed/atom/", "/sitemap.xml", "/robots.txt"),
            *("/search/?q=marked", "/search/?q=reader", "/privacy/what-we-collect/", "/nowhere/"),
            *(f"{ARTICLE_PATH}comments/{public_id}/" for public_id in links),
            *(f"{ARTICLE_PATH}comments/{public_id}/report/" for public_id in links),
            *(f"{page}{part}" for page in own[:5] for part in ("", "edit/", "notices/")),
        ]
        for path in paths:
            note(path, client.get(path))
        # An invalid form shows what was typed only to the person who typed it.
        client.post(f"{ARTICLE_PATH}comments/", comment_form_data(text="", email=EMAILS[0]))
    output["log"] = logs.places()["log"]
    return output


def database_contents() -> dict[str, bytes]:
    """Return all column values by table and, on SQLite, the database files."""
    places: dict[str, bytes] = {}
    with connection.cursor() as cursor:
        for table in connection.introspection.table_names(cursor):
            cursor.execute(f'SELECT * FROM "{table}"')
            places[f"table {table}"] = b"\n".join(
                bytes(cell) if isinstance(cell, bytes | memoryview) else str(cell).encode()
                for row in cursor.fetchall()
                for cell in row
            )
    if connection.vendor == "sqlite":
        file = Path(str(connection.settings_dict["NAME"]))
        places |= {path.name: path.read_bytes() for path in file.parent.glob(f"{file.name}*")}
    return places


def email_contents(folder: Path) -> dict[str, bytes]:
    """Return all emails as they are sent, without their To header."""
    places = email_places(folder)
    assert len(places) > 3 * COMMENT_COUNT
    # Each email has three entries: source, decoded parts, headers. Joined for a single search.
    return {"mails": b"\n".join(content for _name, content in sorted(places.items()))}


def static_file_contents() -> dict[str, bytes]:
    texts = (".css", ".js", ".svg", ".txt", ".json", ".html")
    roots = [Path(site_settings.BASE_DIR) / "static"]
    files = [path for root in roots for path in root.rglob("*") if path.suffix in texts]
    assert files
    return {str(path): path.read_bytes() for path in files}


def test_no_commenter_email_hash_or_encoding_appears_anywhere(site_output, settings, capfd):
    assert Comment.objects.filter(status="approved", by_practice=False).count() == COMMENT_COUNT
    written = b"".join(site_output[path] for path in site_output if path.startswith(ARTICLE_PATH))
    # The pages searched below contain every comment.
    for number in range(COMMENT_COUNT):
        assert b"Marked words, number %d." % number in written
    out, err = capfd.readouterr()
    places = {
        **site_output,
        **database_contents(),
        **static_file_contents(),
        **email_contents(settings.EMAIL_FILE_PATH),
    }
    places["what the processes said"] = (out + err).encode()
    assert find_encoded_words(EMAILS, places) == []


def test_leak_search_finds_every_encoding():
    word = EMAILS[7]
    for what, needle in all_encodings(word).items():
        place = {"a page": b"<p>before " + needle + b" after</p>"}
        assert any(what in line for line in find_encoded_words([word], place)), what
    gravatar = b"https://secure.gravatar.example/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?s=48"
    assert find_encoded_words(["MyEmailAddress@example.com"], {"WordPress": gravatar})


def test_leak_search_detects_missing_encryption(db, monkeypatch):
    header = b"\1\1" + b"0" * 12
    monkeypatch.setattr(
        encryption, "encrypt", lambda plaintext, *, associated_data: header + plaintext.encode()
    )
    site = make_whole_site()
    workflow.submit_comment(
        article=site, parent=None, name="Sam", email=EMAILS[3], text="Words",
        network="192.0.2.1", suspicions=[], now=timezone.now(),
    )  # fmt: skip
    found = find_encoded_words(EMAILS[:5], database_contents())
    assert [line for line in found if re.match(r"table consultations_comment: plain", line)]

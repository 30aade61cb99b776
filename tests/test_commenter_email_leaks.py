"""After two hundred comments: no address of a commenter, no hash and no encoding of one, anywhere.

Not in a page, a feed, a header, a file, a log or a mail; and not in clear in the database.
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
from tests.factories.consultations import comment_post, make_staff
from tests.factories.pages import make_whole_site
from tests.leak_search import encodings, find_many, listening, mail_places

ARTICLE = "/articles/reading-2/"
HOW_MANY = 200


def address(number: int) -> str:
    return f"Marked.Quill{number:03}@Mail{number:03}.example.org"


ADDRESSES = [address(number) for number in range(HOW_MANY)]


@pytest.fixture
def talk(transactional_db, client, settings, tmp_path):
    """Two hundred comments sent, published and answered; every answer of ours by its address."""
    settings.RATE_LIMIT_SCALE = 0
    settings.EMAIL_BACKEND = "consultations.outbox.eml_files.EmailBackend"
    settings.EMAIL_FILE_PATH = tmp_path / "mail"
    make_whole_site()
    staff, now, said = make_staff(), timezone.now(), {}

    def note(name: str, answer) -> str:
        heads = "\n".join(f"{key}: {value}" for key, value in answer.headers.items())
        said[name] = heads.encode() + b"\n\n" + answer.content
        return answer.headers.get("Location", "")

    with listening() as logs:
        own = []
        for number, email in enumerate(ADDRESSES):
            words = f"Marked words, number {number}."
            post = comment_post(text=words, name=f"Reader {number}", email=email, wants_notice="on")
            own.append(note(f"post {number}", client.post(f"{ARTICLE}comments/", post)))
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
            *("/", "/articles/", ARTICLE, f"{ARTICLE}?comments=2", f"{ARTICLE}?comments=3"),
            *("/articles/feed/rss/", "/articles/feed/atom/", "/sitemap.xml", "/robots.txt"),
            *("/search/?q=marked", "/search/?q=reader", "/privacy/what-we-collect/", "/nowhere/"),
            *(f"{ARTICLE}comments/{public_id}/" for public_id in links),
            *(f"{ARTICLE}comments/{public_id}/report/" for public_id in links),
            *(f"{page}{part}" for page in own[:5] for part in ("", "edit/", "notices/")),
        ]
        for path in paths:
            note(path, client.get(path))
        # A fault hands back what was typed to the person who typed it, and to nobody else.
        client.post(f"{ARTICLE}comments/", comment_post(text="", email=ADDRESSES[0]))
    said["log"] = logs.places()["log"]
    return said


def database() -> dict[str, bytes]:
    """What a thief finds in the tables and, with SQLite, in the files."""
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
        places |= {one.name: one.read_bytes() for one in file.parent.glob(f"{file.name}*")}
    return places


def mails(folder: Path) -> dict[str, bytes]:
    """All of them as they leave, but for the one line that has to name the person."""
    places = mail_places(folder)
    assert len(places) > 3 * HOW_MANY
    # Three looks at each mail: as sent, its parts decoded, its heads. Joined, for a single search.
    return {"mails": b"\n".join(content for _name, content in sorted(places.items()))}


def static_files() -> dict[str, bytes]:
    texts = (".css", ".js", ".svg", ".txt", ".json", ".html")
    roots = [Path(site_settings.BASE_DIR) / "static"]
    files = [path for root in roots for path in root.rglob("*") if path.suffix in texts]
    assert files
    return {str(path): path.read_bytes() for path in files}


def test_no_address_no_hash_and_no_encoding_of_one_stands_anywhere(talk, settings, capfd):
    assert Comment.objects.filter(status="approved", by_practice=False).count() == HOW_MANY
    written = b"".join(talk[path] for path in talk if path.startswith(ARTICLE))
    for number in range(HOW_MANY):  # the search below looks at pages that hold every comment
        assert b"Marked words, number %d." % number in written
    out, err = capfd.readouterr()
    places = {**talk, **database(), **static_files(), **mails(settings.EMAIL_FILE_PATH)}
    places["what the processes said"] = (out + err).encode()
    assert find_many(ADDRESSES, places) == []


def test_the_same_search_finds_each_shape_where_there_is_one():
    word = ADDRESSES[7]
    for what, needle in encodings(word).items():
        place = {"a page": b"<p>before " + needle + b" after</p>"}
        assert any(what in one for one in find_many([word], place)), what
    gravatar = b"https://secure.gravatar.example/avatar/0bc83cb571cd1c50ba6f3e8a78ef1346?s=48"
    assert find_many(["MyEmailAddress@example.com"], {"WordPress": gravatar})


def test_without_encryption_the_database_would_be_found_out(db, monkeypatch):
    header = b"\1\1" + b"0" * 12
    monkeypatch.setattr(encryption, "seal", lambda clear, *, cell: header + clear.encode())
    site = make_whole_site()
    workflow.submit_comment(
        article=site, parent=None, name="Sam", email=ADDRESSES[3], text="Words",
        network="192.0.2.1", suspicions=[], now=timezone.now(),
    )  # fmt: skip
    found = find_many(ADDRESSES[:5], database())
    assert [one for one in found if re.match(r"table consultations_comment: plain", one)]

"""Compare the moderation queue with 1,000 and with 100,000 comments.

    .venv/bin/python -m tools.bench.comment_queue [rows]

Measures whole requests: middleware, queries, decryption, template, audit row. Uses a temporary
SQLite file, or the empty database that DATABASE_URL names. Times are CPU time, which other work on
the machine disturbs little; with SQLite they include the database.
"""

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import timedelta
from itertools import islice
from time import process_time
from typing import Any

FEW, MANY, ROUNDS = 100, 100_000, 15
FOLDERS = ("waiting", "approved", "spam", "trash", "reported")


def set_up_django(folder: str) -> None:
    os.environ |= {"DJANGO_SETTINGS_MODULE": "practice_site.settings"}
    os.environ |= {"SITE_MODE": "development", "DATA_DIR": folder, "LOG_LEVEL": "ERROR"}
    import django

    django.setup()
    from django.conf import settings
    from django.core.management import call_command

    settings.DEBUG = False  # with it Django keeps every query in memory
    call_command("migrate", verbosity=0)


def signed_in_client() -> Any:
    from django.contrib.auth.models import User
    from django.test import Client

    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.create_superuser("bench", password=None))
    return client


def make_comments(article: Any, number: int) -> Iterator[Any]:
    """Yield unsaved comments: of ten, six approved, two waiting, one spam, one trash."""
    from django.utils import timezone

    from consultations.comments.models import Comment

    now, states = timezone.now(), ["approved"] * 6 + ["waiting"] * 2 + ["spam", "trash"]
    parent = None
    for n in range(number):
        status = states[n % 10]
        is_shown = status == "approved"
        comment = Comment(
            article=article,
            parent=parent,
            status=status,
            name=f"Reader {n}",
            email=f"reader-{n}@mail.example",
            text="A thought of some length about reading and resting. " * 8,
            published_name=f"Reader {n}" if is_shown else "",
            published_html="<p>A thought</p>" * 8 if is_shown else "",
            published_at=now if is_shown else None,
            read_first=n % 997 == 6,
            suspicions=["links"] if n % 3 else [],
            score=n % 100 / 100,
            created_at=now - timedelta(seconds=n),
            status_changed_at=now - timedelta(seconds=n),
            revision=1,
        )
        parent = comment if is_shown and n % 2 else None
        yield comment


def add_comments(article: Any, number: int) -> None:
    from consultations.comments.models import Comment, CommentReport

    rows = make_comments(article, number)
    while batch := list(islice(rows, 1000)):
        Comment.objects.bulk_create(batch)
        shown = [row for row in batch if row.status == "approved"][
            :: 200 if number > MANY // 2 else 10
        ]
        CommentReport.objects.bulk_create(
            CommentReport(
                comment=comment, at=comment.created_at, network_fingerprint=str(comment.pk)
            )
            for comment in shown
        )


def measure(client: Any, folder: str) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    address = f"/admin/consultations/comment/?status={folder}"
    with CaptureQueriesContext(connection) as seen:
        assert client.get(address).status_code == 200
    queries = len(seen)  # the next request empties the list
    best = float("inf")
    for _ in range(ROUNDS):
        began = process_time()
        client.get(address)
        best = min(best, process_time() - began)
    return best * 1000, queries


def main() -> int:
    many = int(sys.argv[1]) if len(sys.argv) > 1 else MANY
    with tempfile.TemporaryDirectory(prefix="bench-") as data_dir:
        set_up_django(data_dir)
        from django.db import connection

        from consultations.comments.models import Comment
        from tests.factories.pages import make_article, make_practice

        make_practice()
        article, client = make_article(), signed_in_client()
        # Every folder fills a page in both runs, so that only the number of rows differs.
        add_comments(article, FEW * 10)
        client.get("/admin/consultations/comment/")
        before = {folder: measure(client, folder) for folder in FOLDERS}
        add_comments(article, many - FEW * 10)
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        after = {folder: measure(client, folder) for folder in FOLDERS}
        total, worst = Comment.objects.count(), 0.0
    for folder in FOLDERS:
        (few_ms, few_queries), (many_ms, many_queries) = before[folder], after[folder]
        worst = max(worst, many_ms / few_ms)
        print(
            f"queue, {folder}: {few_ms:.1f} ms in {few_queries} queries with {FEW * 10} comments, "
            f"{many_ms:.1f} ms in {many_queries} with {total}: {many_ms / few_ms:.2f} times"
        )
        assert few_queries == many_queries, folder
    print(f"queue: at most {worst:.2f} times as long (target 2.00), queries the same")
    return 0 if worst <= 2 else 1


if __name__ == "__main__":
    sys.exit(main())

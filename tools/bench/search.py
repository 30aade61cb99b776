"""Compare the search among 100 and among 10,000 articles.

Uses a temporary SQLite file, or the empty database that DATABASE_URL names. Prints milliseconds,
the number of queries and the ratio. A rare word has hits only among 10,000 articles: its extra cost
there is its thirty results, which more articles do not add to.
"""

import os
import random
import sys
import tempfile
from time import perf_counter

SMALL, LARGE = 100, 10_000
WORDS_IN_AN_ARTICLE = 250
ROUNDS = 15
QUERIES = ["grief", "panic attacks", "babadi babeba", "how do I stop worrying", "bababi", "ba"]


def main() -> int:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["DATA_DIR"] = folder
        os.environ.setdefault("SITE_MODE", "development")
        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "practice_site.settings")
        import django

        django.setup()
        from django.core.management import call_command

        call_command("migrate", verbosity=0)
        add_articles(0, SMALL)
        few = {query: measure(query) for query in QUERIES}
        began = perf_counter()
        add_articles(SMALL, LARGE)
        print(f"{LARGE - SMALL} articles written and indexed in {perf_counter() - began:.0f} s")
        worst = 0.0
        for query, (small_ms, small_queries) in few.items():
            ms, queries = measure(query)
            worst = max(worst, ms / small_ms)
            print(
                f"{query:24} {small_ms:6.1f} ms at {SMALL}, {ms:6.1f} ms at {LARGE}, "
                f"ratio {ms / small_ms:4.1f}, queries {small_queries} and {queries}"
            )
        print(f"worst ratio {worst:.1f}")
    return 0


def add_articles(start: int, end: int) -> None:
    from django.utils import timezone

    from pages.articles.models import Article, Category
    from pages.publishing.models import Status

    category, _made = Category.objects.get_or_create(name="Topic", slug="topic")
    rng = random.Random(start)  # noqa: S311 - the same articles in every run
    # Zipf's law: a few words are frequent and most are rare.
    vocabulary = [invented_word(number) for number in range(20_000)]
    weights = [1 / (number + 3) for number in range(20_000)]
    rare = ["grief", "panic attack", "worry", "bereavement", "insomnia"]
    now = timezone.now()
    for first in range(start, end, 500):
        rows = []
        for number in range(first, min(end, first + 500)):
            words = rng.choices(vocabulary, weights, k=WORDS_IN_AN_ARTICLE)
            if number % 50 == 0:
                words[20] = rng.choice(rare)
            rows.append(
                Article(
                    title=" ".join(rng.choices(vocabulary, weights, k=6)),
                    slug=f"article-{number}",
                    category=category,
                    body=f"<p>{' '.join(words)}</p>",
                    status=Status.PUBLISHED,
                    published_at=now,
                )
            )
        Article.objects.bulk_create(rows)


def invented_word(number: int) -> str:
    """Return a distinct word of three syllables."""
    parts = ""
    for _syllable in range(3):
        number, part = divmod(number, 30)
        parts = "bcdfgh"[part // 5] + "aeiou"[part % 5] + parts
    return parts


def measure(query: str) -> tuple[float, int]:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext
    from django.utils import timezone

    from pages.practice.models import PracticeProfile
    from pages.search.query import search_content

    practice, now = PracticeProfile.load(), timezone.now()
    with CaptureQueriesContext(connection) as queries:
        search_content(query, now=now, practice=practice)
    times = []
    for _round in range(ROUNDS):
        began = perf_counter()
        search_content(query, now=now, practice=practice)
        times.append((perf_counter() - began) * 1000)
    return min(times), len(queries)


if __name__ == "__main__":
    sys.exit(main())

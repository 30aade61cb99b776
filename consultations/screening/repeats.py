"""How often the same words came, on whatever article; counted under a keyed hash, for a week."""

from datetime import UTC, datetime, timedelta

from django.db.models import Sum

from consultations.privacy.fingerprints import fingerprint
from consultations.rate_limits.limits import raised
from consultations.rate_limits.models import RateCount
from consultations.screening.folding import words
from consultations.screening.reading import shortened

WITHIN = timedelta(days=7)
DAY = 86_400
# "Thank you so much" comes from many; these many words in one order do not.
FEWEST_WORDS = 5


def earlier(text: str, *, now: datetime) -> int:
    """How often these words came within the week, wherever they stood."""
    key = _key(text)
    if not key:
        return 0
    rows = RateCount.objects.filter(key=key, window_at__gt=now - WITHIN - timedelta(seconds=DAY))
    return rows.aggregate(total=Sum("count"))["total"] or 0


def note(text: str, *, now: datetime) -> None:
    if key := _key(text):
        raised(key, datetime.fromtimestamp(now.timestamp() // DAY * DAY, UTC))


def is_same(one: str, other: str) -> bool:
    return words(shortened(one)) == words(shortened(other))


def _key(text: str) -> str:
    plain = words(shortened(text))
    return fingerprint("repeated-text", " ".join(plain)) if len(plain) >= FEWEST_WORDS else ""

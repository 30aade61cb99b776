"""What an earlier import wrote, and whether staff have changed it since."""

import hashlib
import json
from datetime import datetime
from typing import Any

from pages.wordpress.models import ImportedItem


class Ledger:
    """The imported items of one site, read once, written as things are taken."""

    def __init__(self, source: str, now: datetime, *, writes: bool = True) -> None:
        self.source = source
        self.now = now
        self.writes = writes
        rows = ImportedItem.objects.filter(source=source).exclude(kind="comment")
        self._rows = {(row.kind, row.key): row for row in rows}

    def find(self, kind: str, key: object) -> ImportedItem | None:
        return self._rows.get((kind, str(key)))

    def remember(self, kind: str, key: object, here: object, digest: str = "") -> None:
        if not self.writes:
            return
        row, _made = ImportedItem.objects.update_or_create(
            source=self.source,
            kind=kind,
            key=str(key)[:250],
            defaults={"object_key": str(here), "digest": digest, "imported_at": self.now},
        )
        self._rows[kind, row.key] = row


def digest(values: dict[str, Any]) -> str:
    """Of what is or would be written, to see a difference without keeping the words twice."""
    text = json.dumps(values, sort_keys=True, default=str, ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()

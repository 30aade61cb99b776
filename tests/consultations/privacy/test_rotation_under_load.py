"""Keys are rotated while people write, and the rotation is killed midway: no row is lost.

Real processes: two workers of gunicorn, ``manage.py keys rotate`` killed with SIGKILL, run again.
"""

import json
import signal
import sqlite3
import subprocess
import threading
import time
from pathlib import Path
from urllib.parse import urlencode
from uuid import uuid4

import pytest

from tests.served_site import FORM_HEADER, MANAGE_COMMAND, PROJECT, ServedSite, running_site

OLD_KEYS = "1:" + "YWFh" * 10 + "YWE="
NEW_KEYS = "2:" + "YmJi" * 10 + "YmI="
SEEDED_ROWS = 1200  # more than two batches
POSTS_PER_SECOND = 20
SEED_SCRIPT = f"""
from datetime import timedelta
from django.utils import timezone
from consultations.booking.models import Consultation
from pages.practice.models import Practitioner
now = timezone.now()
Consultation.objects.bulk_create(
    Consultation(
        reference=f"HC-S{{n}}", idempotency_key=f"seed{{n}}", kind="call_back", visitor_zone="UTC",
        channel="email", consent_version="1", consent_at=now, reply_by=now, created_at=now,
        name=f"Seeded {{n}}", email=f"s{{n}}@mail.example", note=f"Note {{n}}",
    )
    for n in range({SEEDED_ROWS})
)
"""
READ_SCRIPT = """
import json
from consultations.booking.models import Consultation
print(json.dumps(sorted(row.name for row in Consultation.objects.filter(kind="call_back"))))
"""


class VisitorTraffic:
    """Sends the form twenty times a second, each time with a different name."""

    def __init__(self, site: ServedSite) -> None:
        self.site = site
        self.accepted: list[tuple[str, int]] = []
        self.refused: list[tuple[str, int]] = []
        self.is_over = threading.Event()
        self.thread = threading.Thread(target=self.run)

    def run(self) -> None:
        number, begun = 0, time.monotonic()
        while not self.is_over.is_set():
            self.send(f"Visitor {number}")
            number += 1
            # Keep the pace, without catching up after a delay.
            self.is_over.wait(max(0.0, begun + number / POSTS_PER_SECOND - time.monotonic()))

    def send(self, name: str) -> None:
        answers = {
            "name": name,
            "email": f"{uuid4().hex}@mail.example",
            "channel": "email",
            "kind": "call_back",
            "adult": "on",
            "consent": "on",
            "location": "US-OR",
            "key": uuid4().hex,
        }
        body = urlencode(answers).encode()
        answer = self.site.request("POST", "/consultation/details/", FORM_HEADER, body=body)
        (self.accepted if answer.status == 303 else self.refused).append((name, answer.status))


def count_rows_under_key(database: Path, key_id: int) -> int:
    line = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        query = "SELECT count(*) FROM consultations_consultation WHERE substr(hex(name), 3, 2) = ?"
        return int(line.execute(query, [f"{key_id:02X}"]).fetchone()[0])
    finally:
        line.close()


def kill_rotation_midway(site: ServedSite) -> None:
    """Wait for the first rows under the new key, then kill the rotation before it is done."""
    before = count_rows_under_key(site.database, 2)
    rotation = subprocess.Popen([*MANAGE_COMMAND, "keys", "rotate"], cwd=PROJECT, env=site.env)
    until = time.monotonic() + 60
    while count_rows_under_key(site.database, 2) < before + 400 and time.monotonic() < until:
        time.sleep(0.005)
    rotation.send_signal(signal.SIGKILL)
    assert rotation.wait() == -signal.SIGKILL
    assert count_rows_under_key(site.database, 1) > 0


@pytest.mark.slow
def test_killed_rotation_under_load_loses_nothing(tmp_path):
    with running_site(tmp_path, FIELD_KEYS=OLD_KEYS) as first:
        first.manage("shell", "-c", SEED_SCRIPT)
        assert count_rows_under_key(first.database, 1) >= SEEDED_ROWS
    with running_site(tmp_path, FIELD_KEYS=f"{NEW_KEYS},{OLD_KEYS}") as site:
        visitors = VisitorTraffic(site)
        visitors.thread.start()
        try:
            kill_rotation_midway(site)
            done = json.loads(site.manage("keys", "rotate", "--json").stdout)
        finally:
            visitors.is_over.set()
            visitors.thread.join(timeout=60)
        assert done["rows that cannot be read"] == 0
        verified = json.loads(site.manage("keys", "verify", "--json").stdout)
        assert "cells under key 1" not in verified
        assert verified["cells that cannot be read"] == 0
        assert json.loads(site.manage("keys", "retire", "--json").stdout) == {
            "may be removed from FIELD_KEYS": [1],
            "still needed": [],
        }
    assert visitors.refused == []
    assert len(visitors.accepted) >= 10
    # Without the old key, the new one alone decrypts every value.
    alone = ServedSite(site.port, tmp_path, {**site.env, "FIELD_KEYS": NEW_KEYS})
    alone.manage("prepare", "--no-static")
    names = set(json.loads(alone.manage("shell", "-v", "0", "-c", READ_SCRIPT).stdout))
    assert {name for name, _status in visitors.accepted} <= names
    assert {f"Seeded {number}" for number in range(SEEDED_ROWS)} <= names
    assert json.loads(alone.manage("audit", "verify", "--json").stdout)["ok"] is True

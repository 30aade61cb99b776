"""Keys change while people write, and the change is killed in the middle: nobody is lost.

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

from tests.served_site import FORM, MANAGE, PROJECT, Site, running_site

OLD = "1:" + "YWFh" * 10 + "YWE="
NEW = "2:" + "YmJi" * 10 + "YmI="
SEEDED = 1200  # more than two batches
POSTS_A_SECOND = 20
SEED = f"""
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
    for n in range({SEEDED})
)
"""
READ = """
import json
from consultations.booking.models import Consultation
print(json.dumps(sorted(row.name for row in Consultation.objects.filter(kind="call_back"))))
"""


class Visitors:
    """People who send the form, twenty of them a second, each with a name of their own."""

    def __init__(self, site: Site) -> None:
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
            # Never faster than the pace, and no catching up beyond it.
            self.is_over.wait(max(0.0, begun + number / POSTS_A_SECOND - time.monotonic()))

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
        answer = self.site.ask("POST", "/consultation/details/", FORM, body=body)
        (self.accepted if answer.status == 303 else self.refused).append((name, answer.status))


def sealed_under(database: Path, key_id: int) -> int:
    line = sqlite3.connect(f"file:{database}?mode=ro", uri=True, timeout=30)
    try:
        query = "SELECT count(*) FROM consultations_consultation WHERE substr(hex(name), 3, 2) = ?"
        return int(line.execute(query, [f"{key_id:02X}"]).fetchone()[0])
    finally:
        line.close()


def killed_in_the_middle(site: Site) -> None:
    """Waits for the first rows under the new key, then kills; there are more to do for sure."""
    before = sealed_under(site.database, 2)
    rotation = subprocess.Popen([*MANAGE, "keys", "rotate"], cwd=PROJECT, env=site.env)
    until = time.monotonic() + 60
    while sealed_under(site.database, 2) < before + 400 and time.monotonic() < until:
        time.sleep(0.005)
    rotation.send_signal(signal.SIGKILL)
    assert rotation.wait() == -signal.SIGKILL
    assert sealed_under(site.database, 1) > 0


@pytest.mark.slow
def test_keys_change_while_people_write(tmp_path):
    with running_site(tmp_path, FIELD_KEYS=OLD) as first:
        first.manage("shell", "-c", SEED)
        assert sealed_under(first.database, 1) >= SEEDED
    with running_site(tmp_path, FIELD_KEYS=f"{NEW},{OLD}") as site:
        visitors = Visitors(site)
        visitors.thread.start()
        try:
            killed_in_the_middle(site)
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
    # The old key is gone for good: with the new one alone every word is there.
    alone = Site(site.port, tmp_path, {**site.env, "FIELD_KEYS": NEW})
    alone.manage("prepare", "--no-static")
    names = set(json.loads(alone.manage("shell", "-v", "0", "-c", READ).stdout))
    assert {name for name, _status in visitors.accepted} <= names
    assert {f"Seeded {number}" for number in range(SEEDED)} <= names
    assert json.loads(alone.manage("audit", "verify", "--json").stdout)["ok"] is True

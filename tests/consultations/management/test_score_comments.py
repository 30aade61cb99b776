"""`score_comments` writes one JSON line per input line, in order, whatever the input."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from django.core.management import call_command

from consultations.management.commands import score_comments

PROJECT = Path(__file__).parents[3]


def run_command(monkeypatch, *lines: bytes | str) -> tuple[list[dict], int]:
    """Run the command on these lines; return the answers and the exit code."""
    sent = b"".join(
        (line.encode("utf-8") if isinstance(line, str) else line) + b"\n" for line in lines
    )
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(sent)))
    out, code = io.StringIO(), 0
    try:
        call_command("score_comments", stdout=out)
    except SystemExit as stop:
        code = int(stop.code or 0)
    return [json.loads(line) for line in out.getvalue().splitlines()], code


def test_each_line_gets_a_verdict_in_order(monkeypatch) -> None:
    answers, code = run_command(
        monkeypatch,
        json.dumps({"author": "Sam", "email": "s@mail.example", "content": "Thank you."}),
        json.dumps(
            {
                "author": "online casino",
                "email": "x@mail.example",
                "url": "https://casino-bonus.example",
                "content": "Nice post, visit my site",
            }
        ),
        "{}",
    )
    assert code == 0
    assert [answer["verdict"] for answer in answers] == ["ham", "spam", "ham"]
    for answer in answers:
        assert list(answer) == ["verdict", "score", "reasons"]
        assert 0 <= answer["score"] <= 1
    assert answers[0]["reasons"] == []
    assert "The website given looks like an advertisement" in answers[1]["reasons"]


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b"", "not a line of JSON"),
        (b"nope", "not a line of JSON"),
        (b'{"content": "cut', "not a line of JSON"),
        (b"[" * 100_000, "not a line of JSON"),
        (b"9" * 5_000, "not a line of JSON"),
        (b"[]", "not a JSON object with author, email, url, content"),
        (b"null", "not a JSON object with author, email, url, content"),
        (b'{"content": 5}', "content is not text"),
        (b'{"author": ["a"]}', "author is not text"),
    ],
)
def test_invalid_line_is_reported_and_processing_continues(monkeypatch, line, error) -> None:
    good = b'{"content": "Thank you."}'
    answers, code = run_command(monkeypatch, good, line, good)
    assert code == 1
    assert [answer["verdict"] for answer in answers] == ["ham", None, "ham"]
    assert (answers[1]["error"], answers[1]["line"]) == (error, 2)


def test_overlong_line_is_skipped(monkeypatch) -> None:
    monkeypatch.setattr(score_comments, "MAX_LINE_BYTES", 100)
    long = json.dumps({"content": "a" * 350})
    answers, code = run_command(monkeypatch, long, '{"content": "Thank you."}')
    assert [answer["verdict"] for answer in answers] == [None, "ham"]
    assert (answers[0]["error"], code) == ("longer than 100 bytes", 1)


@pytest.mark.parametrize(
    "line",
    [
        b'\xef\xbb\xbf{"content": "Thank you."}',
        b'{"content": "caf\xe9 \xff\xfe"}',
        b'{"content": "\\ud800 lone"}',
        b'{"content": "\\u0000\\u202e"}',
        b'{"content": null, "author": null}',
        b'{"content": "x", "other": {"a": [1]}}',
        json.dumps({"content": "a " * 50_000}).encode(),
        b'  {"content": "x"}\r',
    ],
)
def test_unusual_lines_are_screened(monkeypatch, line) -> None:
    answers, code = run_command(monkeypatch, line)
    assert (len(answers), code) == (1, 0)
    assert answers[0]["verdict"] in ("ham", "hold")


def test_empty_input_prints_nothing(monkeypatch) -> None:
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(b"")))
    out = io.StringIO()
    call_command("score_comments", stdout=out)
    assert out.getvalue() == ""


def test_answers_are_streamed(tmp_path) -> None:
    """Each line is answered before the next is sent, as another program would use the command."""
    process = subprocess.Popen(
        [sys.executable, "manage.py", "score_comments", "--json"],
        cwd=PROJECT,
        env={**os.environ, "SITE_MODE": "development", "DATA_DIR": str(tmp_path)},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        for text in ("One", "Two"):
            process.stdin.write(json.dumps({"content": text}).encode() + b"\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["verdict"] == "ham"
        process.stdin.close()
        assert process.wait(timeout=60) == 0
    finally:
        process.kill()
        process.stdout.close()
    # The command neither opened nor created a database.
    assert not (tmp_path / "db.sqlite3").exists()


def test_invalid_arguments_exit_2(tmp_path) -> None:
    done = subprocess.run(
        [sys.executable, "manage.py", "score_comments", "--what"],
        cwd=PROJECT,
        env={**os.environ, "SITE_MODE": "development", "DATA_DIR": str(tmp_path)},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        check=False,
    )
    assert done.returncode == 2

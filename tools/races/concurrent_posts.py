"""Many posts at one moment, over real sockets, and what came back."""

import http.client
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

PATIENCE = 120  # seconds
KIND_WORDS = "Someone else has taken that time"


@dataclass(frozen=True)
class Answer:
    status: int  # 0 when nothing came back
    place: str
    page: str

    @property
    def what(self) -> str:
        """``303``; a refusal counts as kind only when its page says what happened."""
        if self.status == 409 and KIND_WORDS not in self.page:
            return "409 without a word"
        return str(self.status)


@dataclass
class Figures:
    """What one race gave, over all its rounds."""

    name: str
    rounds: int = 0
    posts: int = 0
    seconds: float = 0.0
    answers: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def expect(self, what: str, found: Any, wanted: Any) -> None:
        if found != wanted:
            self.faults.append(f"round {self.rounds}: {what}: {found}, not {wanted}")

    def line(self) -> str:
        answers = "  ".join(f"{what} x {n}" for what, n in sorted(self.answers.items()))
        each = 1000 * self.seconds / self.posts if self.posts else 0
        state = "fine" if not self.faults else f"{len(self.faults)} FAULTS"
        return (
            f"  {self.name:<34}{self.rounds:>4} rounds {self.posts:>6} posts"
            f" {each:>7.1f} ms each   {answers}   {state}"
        )


def post_together(
    port: int, posts: Sequence[tuple[str, dict[str, Any]]], figures: Figures
) -> list[Answer]:
    """Every connection is open before the first byte is sent, so that all arrive as one."""
    gate = threading.Barrier(len(posts))
    answers: list[Answer] = [Answer(0, "", "")] * len(posts)

    def send(number: int, path: str, answer: dict[str, Any]) -> None:
        line = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        body = urlencode(answer, doseq=True)
        try:
            line.connect()
            gate.wait(timeout=PATIENCE)
            line.request("POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"})
            response = line.getresponse()
            answers[number] = Answer(
                response.status, response.headers.get("Location", ""), response.read().decode()
            )
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError):
            pass  # stays 0, which no race expects
        finally:
            line.close()

    threads = [
        threading.Thread(target=send, args=(number, path, answer))
        for number, (path, answer) in enumerate(posts)
    ]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    figures.seconds += perf_counter() - began
    figures.rounds += 1
    figures.posts += len(posts)
    figures.answers.update(answer.what for answer in answers)
    return answers

"""Send many POST requests at the same moment through sockets, and collect the responses."""

import http.client
import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any
from urllib.parse import urlencode

TIMEOUT = 120  # seconds
# The first on the page of a new booking, the second on the page for moving a call.
CONFLICT_TEXTS = ("Someone else has taken that time", "is no longer free.")


@dataclass(frozen=True)
class Response:
    status: int  # 0 without a response
    location: str
    page: str

    @property
    def outcome(self) -> str:
        """Return the status; a 409 has to explain itself on its page to count as one."""
        if self.status == 409 and not any(text in self.page for text in CONFLICT_TEXTS):
            return "409 without explanation"
        return str(self.status)


@dataclass
class RaceResult:
    """The figures and faults of one race, over all its rounds."""

    name: str
    rounds: int = 0
    posts: int = 0
    seconds: float = 0.0
    responses: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def expect(self, label: str, actual: Any, expected: Any) -> None:
        if actual != expected:
            self.faults.append(f"round {self.rounds}: {label}: {actual}, not {expected}")

    def summary(self) -> str:
        responses = "  ".join(f"{outcome} x {n}" for outcome, n in sorted(self.responses.items()))
        each = 1000 * self.seconds / self.posts if self.posts else 0
        state = "passed" if not self.faults else f"{len(self.faults)} FAULTS"
        return (
            f"  {self.name:<34}{self.rounds:>4} rounds {self.posts:>6} posts"
            f" {each:>7.1f} ms each   {responses}   {state}"
        )


def post_together(
    port: int, posts: Sequence[tuple[str, dict[str, Any]]], result: RaceResult
) -> list[Response]:
    """Open every connection before the first byte is sent, so that all arrive at once."""
    barrier = threading.Barrier(len(posts))
    responses: list[Response] = [Response(0, "", "")] * len(posts)

    def send(number: int, path: str, fields: dict[str, Any]) -> None:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=TIMEOUT)
        body = urlencode(fields, doseq=True)
        try:
            connection.connect()
            barrier.wait(timeout=TIMEOUT)
            connection.request(
                "POST", path, body, {"Content-Type": "application/x-www-form-urlencoded"}
            )
            reply = connection.getresponse()
            responses[number] = Response(
                reply.status, reply.headers.get("Location", ""), reply.read().decode()
            )
        except (OSError, http.client.HTTPException, threading.BrokenBarrierError):
            pass  # the status stays 0, which no race expects
        finally:
            connection.close()

    threads = [
        threading.Thread(target=send, args=(number, path, fields))
        for number, (path, fields) in enumerate(posts)
    ]
    began = perf_counter()
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    result.seconds += perf_counter() - began
    result.rounds += 1
    result.posts += len(posts)
    result.responses.update(response.outcome for response in responses)
    return responses

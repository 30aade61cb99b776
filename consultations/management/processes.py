"""Run child processes as a group: the web server and the worker."""

import contextlib
import ctypes
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import FrameType

POLL_SECONDS = 0.1
STOP_TIMEOUT_SECONDS = 40  # longer than gunicorn's graceful_timeout, which ends requests under way
PR_SET_PDEATHSIG = 1


class ChildExited(Exception):
    """A child process that should keep running has exited."""

    def __init__(self, child: "ChildProcess", code: int) -> None:
        super().__init__(child.name, code)
        self.child = child
        self.code = code


class StopRequested(BaseException):
    """Ctrl-C, SIGTERM or a closed terminal; a BaseException so that no handler swallows it."""


@dataclass
class ChildProcess:
    name: str
    process: subprocess.Popen[bytes]
    log: Path | None


def exit_with_parent() -> None:
    """On Linux, ask to be terminated when the parent ends, even if it is killed."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGTERM)


class ProcessGroup:
    """Start processes inside ``with``; leaving the block in any way stops all of them."""

    def __init__(self) -> None:
        self.running: list[ChildProcess] = []
        self.is_stopping = False

    def __enter__(self) -> "ProcessGroup":
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self.request_stop)
        return self

    def __exit__(self, *exc: object) -> None:
        self.stop()

    def request_stop(self, number: int, frame: FrameType | None) -> None:
        # A second Ctrl-C must not interrupt the shutdown and leave child processes behind.
        if not self.is_stopping:
            self.is_stopping = True
            raise StopRequested

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        cwd: Path,
        env: Mapping[str, str] | None = None,
        log: Path | None = None,
    ) -> ChildProcess:
        output = log.open("wb") if log else None
        try:
            process = subprocess.Popen(  # noqa: S603
                command,
                cwd=cwd,
                env={**os.environ, **(env or {})},
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT if output else None,
                # In its own session, Ctrl-C in the terminal reaches only this process, which then
                # asks the children to stop.
                start_new_session=True,
                preexec_fn=exit_with_parent,
            )
        finally:
            if output:
                output.close()
        child = ChildProcess(name, process, log)
        self.running.append(child)
        return child

    def check_children(self) -> None:
        """Raise ChildExited if a child process has ended."""
        for child in self.running:
            code = child.process.poll()
            if code is not None:
                raise ChildExited(child, code)

    def wait_until(self, is_true: Callable[[], bool], *, seconds: float) -> bool:
        """Wait until `is_true()`; return False after `seconds`. Raises ChildExited."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            self.check_children()
            if is_true():
                return True
            time.sleep(POLL_SECONDS)
        return False

    def wait(self) -> None:
        """Block until a signal arrives or a child process ends."""
        while True:
            self.check_children()
            time.sleep(POLL_SECONDS * 5)

    def stop(self) -> None:
        """Terminate all child processes, and kill those that do not exit in time."""
        self.is_stopping = True
        for child in self.running:
            if child.process.poll() is None:
                child.process.terminate()
        deadline = time.monotonic() + STOP_TIMEOUT_SECONDS
        for child in self.running:
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.process.wait(timeout=max(0.1, deadline - time.monotonic()))
            self.kill_process_group(child)
        self.running.clear()

    def kill_process_group(self, child: ChildProcess) -> None:
        """Kill what remains of a child process and its own children."""
        with contextlib.suppress(ProcessLookupError, PermissionError):
            os.killpg(child.process.pid, signal.SIGKILL)
        child.process.wait()


def is_responding(*, address: str, port: int, host: str) -> bool:
    """Return whether the site answers with status 200."""
    connection = http.client.HTTPConnection(address, port, timeout=2)
    try:
        connection.request("GET", "/healthz", headers={"Host": host})
        return connection.getresponse().status == 200
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()

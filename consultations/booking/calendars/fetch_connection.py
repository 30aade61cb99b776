"""One request over a connection to a checked address, all of it within a deadline."""

import io
import socket
import ssl
from collections.abc import Collection
from dataclasses import dataclass
from http.client import HTTPResponse
from time import monotonic
from typing import Any, Self

from consultations.booking.calendars.busy_reasons import FetchProblem
from consultations.booking.calendars.fetch_address import Address
from consultations.booking.calendars.fetch_error import FetchError

# Neutral: the owner of a calendar need not be told which site reads it.
OUR_NAME = "calendar-reader"


@dataclass(frozen=True)
class Deadline:
    stop_at: float
    connect_seconds: float

    def left(self) -> float:
        """Seconds that remain. A socket's own timeout starts anew with every byte."""
        seconds = self.stop_at - monotonic()
        if seconds <= 0:
            raise TimeoutError
        return seconds

    def for_connecting(self) -> float:
        return min(self.connect_seconds, self.left())


class TimedReader(io.RawIOBase):
    """A socket as a file, that gives up at the deadline however slowly the bytes come."""

    def __init__(self, sock: socket.socket, deadline: Deadline) -> None:
        self.sock = sock
        self.deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        self.sock.settimeout(self.deadline.left())
        return self.sock.recv_into(buffer)


@dataclass
class Connection:
    sock: socket.socket
    deadline: Deadline

    def makefile(self, *_args: Any, **_options: Any) -> io.BufferedReader:
        """What http.client asks of a socket before it reads an answer."""
        return io.BufferedReader(TimedReader(self.sock, self.deadline))

    def get(self, address: Address, headers: dict[str, str]) -> HTTPResponse:
        lines = {
            "Host": address.named_host,
            "User-Agent": OUR_NAME,
            "Accept": "text/calendar, */*;q=0.1",
            "Accept-Encoding": "gzip",
            "Connection": "close",
            **headers,
        }
        head = "".join(f"{name}: {value}\r\n" for name, value in lines.items())
        self.sock.settimeout(self.deadline.left())
        self.sock.sendall(f"GET {address.target} HTTP/1.1\r\n{head}\r\n".encode("ascii"))
        answer = HTTPResponse(self, method="GET")  # type: ignore[arg-type]
        answer.begin()
        return answer

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_failure: object) -> None:
        self.sock.close()


def connect(
    address: Address, found: Collection[str], tls: ssl.SSLContext, deadline: Deadline
) -> Connection:
    """To the addresses that were checked, in turn, and to no name that could be looked up anew."""
    problem = FetchProblem.UNREACHABLE
    for ip in found:
        try:
            sock = socket.create_connection((ip, address.port), deadline.for_connecting())
        except TimeoutError:
            problem = FetchProblem.TOO_SLOW
        except OSError:
            problem = FetchProblem.UNREACHABLE
        else:
            return Connection(secured(sock, address, tls, deadline), deadline)
    raise FetchError(problem)


def secured(
    sock: socket.socket, address: Address, tls: ssl.SSLContext, deadline: Deadline
) -> socket.socket:
    """The certificate has to be the name's, though we connected to a number."""
    if not address.is_secure:
        return sock
    try:
        sock.settimeout(deadline.for_connecting())
        return tls.wrap_socket(sock, server_hostname=address.host)
    except TimeoutError:
        problem = FetchProblem.TOO_SLOW
    except ssl.SSLError:
        problem = FetchProblem.UNTRUSTED
    except (OSError, ValueError):
        problem = FetchProblem.UNREACHABLE
    sock.close()
    raise FetchError(problem)

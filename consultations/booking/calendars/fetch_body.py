"""The bytes of an answer, unpacked, and never more of them than we want."""

import zlib
from http.client import HTTPResponse

from consultations.booking.calendars.busy_reasons import FetchProblem
from consultations.booking.calendars.fetch_error import FetchError

CHUNK = 64 * 1024
GZIP = 16 + zlib.MAX_WBITS


def read_body(answer: HTTPResponse, most_bytes: int) -> bytes:
    """Raises rather than cut: half a calendar would show its owner as free."""
    encoding = answer.headers.get("Content-Encoding", "identity").strip().lower()
    if encoding not in ("identity", "gzip", "x-gzip", ""):
        raise FetchError(FetchProblem.GARBLED)
    if answer.length is not None and answer.length > most_bytes:
        raise FetchError(FetchProblem.TOO_LARGE)
    packed = zlib.decompressobj(GZIP) if "gzip" in encoding else None
    body = bytearray()
    while chunk := answer.read(CHUNK):
        # One byte over the limit is asked for, so that a bomb shows itself and goes no further.
        body += unpacked(packed, chunk, most_bytes + 1 - len(body)) if packed else chunk
        if len(body) > most_bytes:
            raise FetchError(FetchProblem.TOO_LARGE)
        if packed and packed.eof:
            return bytes(body)
    # A body that ends before its stated length is an error of http.client for read() only.
    if answer.length or packed:
        raise FetchError(FetchProblem.GARBLED)
    return bytes(body)


def unpacked(packed: "zlib._Decompress", chunk: bytes, most: int) -> bytes:
    try:
        return packed.decompress(chunk, most)
    except zlib.error:
        raise FetchError(FetchProblem.GARBLED) from None

"""A sealed file opens with its private key, whole, or not at all."""

import io
import os

import pytest

from consultations.backups import encryption
from consultations.backups.encryption import (
    CHUNK_BYTES,
    HEADER_BYTES,
    DamagedFile,
    DecryptingReader,
    EncryptingWriter,
    InvalidKey,
    WrongKey,
)

PRIVATE, PUBLIC = encryption.generate_key_pair()
MARK = b"Zwetschgenkompott"


def sealed(data: bytes, public: str = PUBLIC) -> bytes:
    target = io.BytesIO()
    writer = EncryptingWriter(target, public)
    for start in range(0, len(data), 70_000):
        writer.write(data[start : start + 70_000])
    writer.finish()
    return target.getvalue()


def opened(raw: bytes, private: str = PRIVATE) -> bytes:
    reader = DecryptingReader(io.BytesIO(raw), private=private)
    data = reader.readall() or b""
    reader.drain()
    return data


SIZES = [
    0,
    1,
    len(MARK),
    CHUNK_BYTES - 1,
    CHUNK_BYTES,
    CHUNK_BYTES + 1,
    3 * CHUNK_BYTES,
    3 * CHUNK_BYTES + 17,
]


@pytest.mark.parametrize("size", SIZES)
def test_what_goes_in_comes_out(size) -> None:
    data = os.urandom(size)
    assert opened(sealed(data)) == data


def test_nothing_of_it_can_be_seen_and_no_two_are_alike() -> None:
    one, other = sealed(MARK * 100), sealed(MARK * 100)
    assert MARK not in one
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


def test_another_key_is_told_apart_from_damage() -> None:
    private, _public = encryption.generate_key_pair()
    with pytest.raises(WrongKey):
        opened(sealed(MARK), private)


# Named, as the key is a new one in each process and the processes compare the tests they found.
@pytest.mark.parametrize(
    "bad",
    ["", "x", "AAAA", "é", PRIVATE[:-4], PRIVATE + "AAAA"],
    ids=["empty", "letter", "short", "not ascii", "cut", "too long"],
)
def test_what_is_no_key_is_told_so(bad) -> None:
    with pytest.raises(InvalidKey):
        opened(sealed(MARK), bad)
    with pytest.raises(InvalidKey):
        EncryptingWriter(io.BytesIO(), bad)


def test_every_flipped_bit_is_noticed() -> None:
    raw = sealed(MARK)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        with pytest.raises((DamagedFile, WrongKey)):
            opened(bytes(changed))


def test_every_cut_is_noticed() -> None:
    raw = sealed(MARK)
    for end in range(len(raw)):
        with pytest.raises(DamagedFile):
            opened(raw[:end])


def chunks(raw: bytes) -> list[bytes]:
    found, at = [], HEADER_BYTES
    while at < len(raw):
        size = 4 + int.from_bytes(raw[at : at + 4], "big")
        found.append(raw[at : at + size])
        at += size
    return found


def test_chunks_cannot_be_dropped_swapped_repeated_or_added() -> None:
    raw = sealed(os.urandom(3 * CHUNK_BYTES + 5))
    head, (a, b, c, d) = raw[:HEADER_BYTES], chunks(raw)
    for order in ([a, b, c], [b, a, c, d], [a, c, d], [a, b, c, d, d], [a, a, b, c, d], [d]):
        with pytest.raises(DamagedFile):
            opened(head + b"".join(order))
    other = sealed(os.urandom(3 * CHUNK_BYTES + 5))
    with pytest.raises(DamagedFile):
        opened(head + a + chunks(other)[1] + c + d)


def test_what_is_something_else_is_refused() -> None:
    for raw in (b"", b"SQLite format 3\0" * 10, os.urandom(200)):
        with pytest.raises(DamagedFile):
            opened(raw)

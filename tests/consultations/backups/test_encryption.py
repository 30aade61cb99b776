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


def encrypt_bytes(data: bytes, public: str = PUBLIC) -> bytes:
    target = io.BytesIO()
    writer = EncryptingWriter(target, public)
    for start in range(0, len(data), 70_000):
        writer.write(data[start : start + 70_000])
    writer.finish()
    return target.getvalue()


def decrypt_bytes(raw: bytes, private: str = PRIVATE) -> bytes:
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
def test_encrypted_file_decrypts(size) -> None:
    data = os.urandom(size)
    assert decrypt_bytes(encrypt_bytes(data)) == data


def test_ciphertext_hides_content_and_differs_each_time() -> None:
    one, other = encrypt_bytes(MARK * 100), encrypt_bytes(MARK * 100)
    assert MARK not in one
    assert one[HEADER_BYTES:] != other[HEADER_BYTES:]


def test_wrong_key_is_distinguished_from_damage() -> None:
    private, _public = encryption.generate_key_pair()
    with pytest.raises(WrongKey):
        decrypt_bytes(encrypt_bytes(MARK), private)


# Named, as the key is a new one in each process and the processes compare the tests they found.
@pytest.mark.parametrize(
    "bad",
    ["", "x", "AAAA", "é", PRIVATE[:-4], PRIVATE + "AAAA"],
    ids=["empty", "letter", "short", "not ascii", "cut", "too long"],
)
def test_invalid_key_is_refused(bad) -> None:
    with pytest.raises(InvalidKey):
        decrypt_bytes(encrypt_bytes(MARK), bad)
    with pytest.raises(InvalidKey):
        EncryptingWriter(io.BytesIO(), bad)


def test_every_flipped_bit_is_detected() -> None:
    raw = encrypt_bytes(MARK)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        with pytest.raises((DamagedFile, WrongKey)):
            decrypt_bytes(bytes(changed))


def test_every_truncation_is_detected() -> None:
    raw = encrypt_bytes(MARK)
    for end in range(len(raw)):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw[:end])


def split_chunks(raw: bytes) -> list[bytes]:
    found, at = [], HEADER_BYTES
    while at < len(raw):
        size = 4 + int.from_bytes(raw[at : at + 4], "big")
        found.append(raw[at : at + size])
        at += size
    return found


def test_reordered_or_missing_chunks_are_detected() -> None:
    raw = encrypt_bytes(os.urandom(3 * CHUNK_BYTES + 5))
    head, (a, b, c, d) = raw[:HEADER_BYTES], split_chunks(raw)
    for order in ([a, b, c], [b, a, c, d], [a, c, d], [a, b, c, d, d], [a, a, b, c, d], [d]):
        with pytest.raises(DamagedFile):
            decrypt_bytes(head + b"".join(order))
    other = encrypt_bytes(os.urandom(3 * CHUNK_BYTES + 5))
    with pytest.raises(DamagedFile):
        decrypt_bytes(head + a + split_chunks(other)[1] + c + d)


def test_other_file_formats_are_refused() -> None:
    for raw in (b"", b"SQLite format 3\0" * 10, os.urandom(200)):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw)

"""Read backups made before version 0.2.0; new ones are age files (``backups.encryption``).

The format is X25519 with an ephemeral key for each file, HKDF-SHA256, and AES-256-GCM in chunks.
Each nonce contains the chunk's number and whether it is the last chunk, so truncated files, missing
chunks and flipped bits are detected. Files are streamed and never loaded into memory as a whole.
"""

import base64
import io
import os
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from consultations.backups.errors import DamagedFile, InvalidKey, WrongKey

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

MAGIC = b"practice-backup-1\n"
CHUNK_BYTES = 1 << 20
TAG_BYTES = 16
KEY_BYTES = 32
KEY_ID_BYTES = 8
HEADER_BYTES = len(MAGIC) + KEY_ID_BYTES + KEY_BYTES
FINAL_CHUNK_FLAG = b"\x01"


class DecryptingReader(io.RawIOBase):
    """Decrypt ``source`` as it is read. Raises WrongKey, InvalidKey and DamagedFile."""

    def __init__(self, source: BinaryIO, *, private: str) -> None:
        self.source = source
        self.header = source.read(HEADER_BYTES)
        if len(self.header) < HEADER_BYTES or not self.header.startswith(MAGIC):
            raise DamagedFile("this is not a backup of this site")
        self.file_key = self._unwrap_file_key(private)
        self.clear, self.number, self.is_over = b"", 0, False

    def _unwrap_file_key(self, private: str) -> bytes:
        mine = X25519PrivateKey.from_private_bytes(decode_key(private))
        recipient = mine.public_key().public_bytes_raw()
        if self.header[len(MAGIC) : len(MAGIC) + KEY_ID_BYTES] != _key_id(recipient):
            raise WrongKey("this backup was made for another key")
        ephemeral = self.header[len(MAGIC) + KEY_ID_BYTES :]
        try:
            shared = mine.exchange(X25519PublicKey.from_public_bytes(ephemeral))
        except ValueError as error:
            raise DamagedFile("its first bytes were changed") from error
        return _file_key(shared, ephemeral, recipient)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: "WriteableBuffer") -> int:
        while not self.clear and not self.is_over:
            self._read_chunk()
        view = memoryview(buffer)
        part = self.clear[: len(view)]
        view[: len(part)] = part
        self.clear = self.clear[len(part) :]
        return len(part)

    def _read_chunk(self) -> None:
        head = self.source.read(4)
        size = int.from_bytes(head, "big")
        if len(head) < 4 or not TAG_BYTES <= size <= CHUNK_BYTES + TAG_BYTES:
            raise DamagedFile("it is cut or changed")
        sealed = self.source.read(size)
        if len(sealed) < size:
            raise DamagedFile("its end is missing")
        # The last chunk has its own nonce flag and must end the file, so look ahead one byte.
        more = self.source.read(1)
        flag = b"\x00" if more else FINAL_CHUNK_FLAG
        if more:
            self.source.seek(-1, os.SEEK_CUR)
        try:
            nonce = _nonce(self.number, flag)
            self.clear = AESGCM(self.file_key).decrypt(nonce, sealed, self.header)
        except InvalidTag as error:
            raise DamagedFile("it is cut or changed") from error
        self.number += 1
        self.is_over = flag == FINAL_CHUNK_FLAG


def _nonce(number: int, flag: bytes) -> bytes:
    return number.to_bytes(11, "big") + flag


def _file_key(shared: bytes, ephemeral: bytes, recipient: bytes) -> bytes:
    salt = ephemeral + recipient
    return HKDF(algorithm=SHA256(), length=32, salt=salt, info=b"practice-backup-1").derive(shared)


def _key_id(recipient: bytes) -> bytes:
    return sha256(recipient).digest()[:KEY_ID_BYTES]


def decode_key(text: str) -> bytes:
    """Return the 32 bytes of a base64 public or private key. Raises InvalidKey."""
    try:
        data = base64.b64decode(text.strip(), validate=True)
    except ValueError:
        data = b""
    if len(data) != KEY_BYTES:
        raise InvalidKey("a key is 32 bytes in base64")
    return data

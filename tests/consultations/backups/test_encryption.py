"""Tests that an encrypted backup decrypts completely with its private key, or not at all."""

import base64
import os
import shutil
import subprocess
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey

from consultations.backups import encryption
from consultations.backups.errors import DamagedFile, InvalidKey, WrongKey

PRIVATE, PUBLIC = encryption.generate_key_pair()
MARK = b"Zwetschgenkompott"
AGE_CHUNK_BYTES = 64 << 10
# A backup made by version 0.1.0; tests/test_migrations.py restores it.
OLD_BACKUP = Path(__file__).with_name("old_practice.backup")
OLD_PRIVATE = "eFfbw/hDjm/shI4GYV8JiA+RaRC25uNU5joy50sm/0o="


@pytest.fixture
def encrypt_bytes(tmp_path):
    def encrypt(data: bytes, *public_keys: str) -> bytes:
        source, target = tmp_path / "source", tmp_path / "encrypted"
        source.write_bytes(data)
        with target.open("wb") as file:
            encryption.encrypt_file(source, file, list(public_keys or [PUBLIC]))
        return target.read_bytes()

    return encrypt


@pytest.fixture
def decrypt_bytes(tmp_path):
    def decrypt(raw: bytes, private: str = PRIVATE) -> bytes:
        source, target = tmp_path / "raw", tmp_path / "decrypted"
        source.write_bytes(raw)
        target.unlink(missing_ok=True)
        try:
            encryption.decrypt_file(source, target, private)
        except Exception:
            assert not target.exists()
            raise
        return target.read_bytes()

    return decrypt


@pytest.mark.parametrize(
    "size",
    [0, 1, len(MARK), AGE_CHUNK_BYTES - 1, AGE_CHUNK_BYTES, AGE_CHUNK_BYTES + 1, (3 << 20) + 17],
)
def test_encrypted_file_decrypts(encrypt_bytes, decrypt_bytes, size) -> None:
    data = os.urandom(size)
    assert decrypt_bytes(encrypt_bytes(data)) == data


def test_every_given_key_opens_the_file(encrypt_bytes, decrypt_bytes) -> None:
    private, public = encryption.generate_key_pair()
    raw = encrypt_bytes(MARK, PUBLIC, public)
    assert decrypt_bytes(raw) == decrypt_bytes(raw, private) == MARK


def test_ciphertext_hides_content_and_differs_each_time(encrypt_bytes) -> None:
    one, other = encrypt_bytes(MARK * 100), encrypt_bytes(MARK * 100)
    assert MARK not in one
    assert one[-len(MARK) * 100 :] != other[-len(MARK) * 100 :]


def test_wrong_key_is_distinguished_from_damage(encrypt_bytes, decrypt_bytes) -> None:
    private, _public = encryption.generate_key_pair()
    with pytest.raises(WrongKey):
        decrypt_bytes(encrypt_bytes(MARK), private)


# Explicit ids, because the key differs between processes and pytest-xdist needs identical test ids.
@pytest.mark.parametrize(
    "bad",
    ["", "x", "AAAA", "é", PRIVATE[:-4], PRIVATE + "AAAA", OLD_PRIVATE[:-4]],
    ids=["empty", "letter", "short", "not ascii", "cut", "too long", "old key cut"],
)
def test_invalid_key_is_refused(encrypt_bytes, decrypt_bytes, bad) -> None:
    with pytest.raises(InvalidKey):
        decrypt_bytes(encrypt_bytes(MARK), bad)
    with pytest.raises(InvalidKey):
        encrypt_bytes(MARK, bad or "")


def test_public_and_private_key_are_not_confused(encrypt_bytes, decrypt_bytes) -> None:
    with pytest.raises(InvalidKey):
        encrypt_bytes(MARK, PRIVATE)
    with pytest.raises(InvalidKey):
        decrypt_bytes(encrypt_bytes(MARK), PUBLIC)


def test_every_flipped_bit_is_detected(encrypt_bytes, decrypt_bytes) -> None:
    raw = encrypt_bytes(MARK)
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        with pytest.raises((DamagedFile, WrongKey)):
            decrypt_bytes(bytes(changed))


def test_every_truncation_is_detected(encrypt_bytes, decrypt_bytes) -> None:
    raw = encrypt_bytes(MARK)
    for end in range(len(raw)):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw[:end])
    # Also at a chunk boundary, where all remaining data is authentic.
    raw = encrypt_bytes(os.urandom(2 * AGE_CHUNK_BYTES))
    chunk = AGE_CHUNK_BYTES + 16
    for end in (len(raw) - chunk, len(raw) - chunk - 1, len(raw) - 1):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw[:end])


def test_other_file_formats_are_refused(decrypt_bytes) -> None:
    for raw in (b"", b"SQLite format 3\0" * 10, os.urandom(200), encryption.AGE_MAGIC):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw)


def test_full_disk_is_not_taken_for_damage(encrypt_bytes, tmp_path) -> None:
    """/dev/full fails every write, including the last one, whose error pyrage does not report."""
    source = tmp_path / "small"
    source.write_bytes(MARK)
    with open("/dev/full", "wb", buffering=0) as full, pytest.raises(OSError, match="No space"):
        encryption.encrypt_file(source, full, [PUBLIC])


def test_old_keys_work_for_new_files(encrypt_bytes, decrypt_bytes) -> None:
    private = X25519PrivateKey.from_private_bytes(base64.b64decode(OLD_PRIVATE))
    old_public = base64.b64encode(private.public_key().public_bytes_raw()).decode()
    assert decrypt_bytes(encrypt_bytes(MARK, old_public), OLD_PRIVATE) == MARK
    recipient = encryption.derive_public_key(OLD_PRIVATE)
    assert recipient.startswith("age1")
    assert decrypt_bytes(encrypt_bytes(MARK, recipient), OLD_PRIVATE) == MARK


def test_old_backup_decrypts_completely_or_not_at_all(decrypt_bytes) -> None:
    raw = OLD_BACKUP.read_bytes()
    assert raw.startswith(b"practice-backup-1\n")
    assert decrypt_bytes(raw, OLD_PRIVATE).startswith(b"\x1f\x8b")  # gzip
    other = base64.b64encode(os.urandom(32)).decode()
    with pytest.raises(WrongKey):
        decrypt_bytes(raw, other)
    with pytest.raises(WrongKey, match="older"):
        decrypt_bytes(raw, PRIVATE)
    for end in (10, 40, 100, len(raw) // 2, len(raw) - 1):
        with pytest.raises(DamagedFile):
            decrypt_bytes(raw[:end], OLD_PRIVATE)
    for place in (0, 30, 70, len(raw) // 2, len(raw) - 1):
        changed = bytearray(raw)
        changed[place] ^= 0x10
        with pytest.raises((DamagedFile, WrongKey)):
            decrypt_bytes(bytes(changed), OLD_PRIVATE)


@pytest.mark.skipif(not shutil.which("age"), reason="the age command is not installed")
def test_public_age_tool_opens_the_file(encrypt_bytes, tmp_path) -> None:
    encrypted, key = tmp_path / "file.backup", tmp_path / "key"
    encrypted.write_bytes(encrypt_bytes(MARK))
    key.write_text(PRIVATE)
    done = subprocess.run(
        ["age", "--decrypt", "--identity", str(key), str(encrypted)],
        capture_output=True,
        check=True,
    )
    assert done.stdout == MARK

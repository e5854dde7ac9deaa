"""Encrypts what must not be read at rest, finds it by keyed hash, and makes tokens. No Django.

Keys come from a keyring of master keys: ``HUIFANG_KEYS`` ("2:base64,1:base64", newest first) or the file
``HUIFANG_KEY_FILE`` of the same form, one key a line. Every purpose has its own key, derived by HKDF. New
data is sealed with the newest key; older keys only open. The blind index and the tokens use the oldest key,
so that they stay the same when a key is added. Never writes a key anywhere but in `create_key_file`.
"""

import base64
import hmac
import os
import secrets
from dataclasses import dataclass
from functools import cache, lru_cache
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from huifang.kernel import env

_KEY_BYTES = 32
_NONCE_BYTES = 12
_TAG_BYTES = 16
_NUMBER_BYTES = 8


class VaultError(Exception):
    """No usable key, or sealed data that this keyring does not open."""


@dataclass(frozen=True, slots=True)
class Keyring:
    """Master keys by version (1 to 255)."""

    masters: dict[int, bytes]

    @property
    def newest(self) -> int:
        """The version that seals."""
        return max(self.masters)

    @property
    def oldest(self) -> int:
        """The version that indexes and signs."""
        return min(self.masters)


def read_keyring(text: str) -> Keyring:
    """Parse "version:base64" items separated by commas or lines. Raises `VaultError`."""
    masters: dict[int, bytes] = {}
    for item in text.replace("\n", ",").split(","):
        if not item.strip():
            continue
        version, _, encoded = item.strip().partition(":")
        try:
            number, key = int(version), base64.b64decode(encoded, validate=True)
        except ValueError as error:
            raise VaultError("A master key must read VERSION:BASE64.") from error
        if not 1 <= number <= 255 or len(key) != _KEY_BYTES:
            raise VaultError(f"Master key {number} must be {_KEY_BYTES} bytes, its version 1 to 255.")
        masters[number] = key
    if not masters:
        raise VaultError("No master key: set HUIFANG_KEYS or HUIFANG_KEY_FILE.")
    return Keyring(masters)


@cache
def keyring() -> Keyring:
    """The keyring of this process. Raises `VaultError`."""
    text = env.text("HUIFANG_KEYS", help="Master keys, newest first: VERSION:BASE64,…  Overrides the file.")
    file = env.text(
        "HUIFANG_KEY_FILE", help="File with the master keys; `huifang up` makes one at first start."
    )
    if not text and file and Path(file).exists():
        text = Path(file).read_text(encoding="ascii")
    return read_keyring(text)


def create_key_file(file: Path) -> None:
    """Write a new random master key, readable by its owner only, unless *file* is there."""
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    try:
        handle = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return
    with os.fdopen(handle, "w", encoding="ascii") as stream:
        stream.write(f"1:{base64.b64encode(secrets.token_bytes(_KEY_BYTES)).decode()}\n")


@lru_cache(maxsize=256)
def derive(version: int, purpose: str) -> bytes:
    """The 32-byte key of *purpose* under master key *version*. Raises `VaultError`."""
    master = keyring().masters.get(version)
    if master is None:
        raise VaultError(f"Master key {version} is not in the keyring.")
    return HKDF(algorithm=SHA256(), length=_KEY_BYTES, salt=None, info=b"huifang/" + purpose.encode()).derive(
        master
    )


@lru_cache(maxsize=256)
def _cipher(version: int, context: str) -> AESGCM:
    return AESGCM(derive(version, f"seal/{context}"))


def seal(data: bytes, *, context: str) -> bytes:
    """Encrypt *data* for *context* with AES-256-GCM: version byte, nonce, ciphertext and tag."""
    version = keyring().newest
    nonce = secrets.token_bytes(_NONCE_BYTES)
    return bytes((version,)) + nonce + _cipher(version, context).encrypt(nonce, data, context.encode())


def unseal(sealed: bytes, *, context: str) -> bytes:
    """Decrypt what `seal` made for the same *context*. Raises `VaultError`."""
    sealed = bytes(sealed)
    if len(sealed) < 1 + _NONCE_BYTES + _TAG_BYTES:
        raise VaultError("Sealed data is too short.")
    nonce, rest = sealed[1 : 1 + _NONCE_BYTES], sealed[1 + _NONCE_BYTES :]
    try:
        return _cipher(sealed[0], context).decrypt(nonce, rest, context.encode())
    except InvalidTag:
        raise VaultError("Sealed data was changed, or sealed for something else.") from None


def blind_index(value: str, *, context: str) -> bytes:
    """Keyed hash (32 bytes) by which equal values are found without being readable."""
    return hmac.digest(derive(keyring().oldest, f"index/{context}"), value.encode(), sha256)


def signature(data: bytes, *, context: str) -> bytes:
    """HMAC-SHA256 of *data* under the key of *context* (32 bytes)."""
    return hmac.digest(derive(keyring().oldest, f"sign/{context}"), data, sha256)


def token(purpose: str, number: int) -> str:
    """An unguessable URL token (32 characters) that stands for *number*; nothing is stored."""
    body = number.to_bytes(_NUMBER_BYTES, "big")
    return base64.urlsafe_b64encode(body + signature(body, context=f"token/{purpose}")[:16]).decode()


def read_token(purpose: str, text: str) -> int | None:
    """The number that `token` was given, or None where the token is not ours."""
    try:
        raw = base64.b64decode(text.encode("ascii"), altchars=b"-_", validate=True)
    except (ValueError, UnicodeEncodeError):
        return None
    body, mac = raw[:_NUMBER_BYTES], raw[_NUMBER_BYTES:]
    good = signature(body, context=f"token/{purpose}")[:16]
    return int.from_bytes(body, "big") if hmac.compare_digest(mac, good) else None

"""Callbacks of WeChat and WeCom: their signatures, and messages encrypted with the EncodingAESKey. Pure.

https://developers.weixin.qq.com/doc/oplatform/Third-party_Platforms/2.0/api/Before_Develop/Message_encryption_and_decryption.html
https://developer.work.weixin.qq.com/document/path/90968
"""

import base64
import hmac
import re
import secrets
from hashlib import sha1
from xml.etree import ElementTree

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from huifang.delivery.errors import NoticeMalformedError, SignatureInvalidError

_BEGINNING = re.compile(r"\s*(<\?xml[^<>]*\?>\s*)?<xml\b")
_KEY_LETTERS, _BLOCK, _RANDOM, _LENGTH = 43, 32, 16, 4


def signature(*parts: str) -> str:
    """SHA-1 over the sorted parts, as both platforms want it."""
    return sha1("".join(sorted(parts)).encode(), usedforsecurity=False).hexdigest()


def check(given: str, *parts: str) -> None:
    """Raises `SignatureInvalidError` where *given* is not the signature of *parts*."""
    if not hmac.compare_digest(given.encode(), signature(*parts).encode()):
        raise SignatureInvalidError


def read_key(text: str) -> bytes | None:
    """The key of an EncodingAESKey (43 letters), or None where it is none."""
    if len(text) != _KEY_LETTERS:
        return None
    try:
        return base64.b64decode(f"{text}=", validate=True)
    except ValueError:
        return None


def decrypt(key: bytes, sealed: str, *, receiver: str) -> bytes:
    """The message in *sealed*, which must be meant for *receiver* (appid or corp id).

    Raises `SignatureInvalidError` where it is not, or was not made with *key*.
    """
    try:
        data = base64.b64decode(sealed, validate=True)
        opener = Cipher(algorithms.AES(key), modes.CBC(key[:16])).decryptor()
        plain = opener.update(data) + opener.finalize()
        plain = plain[: -plain[-1]]
        length = int.from_bytes(plain[_RANDOM : _RANDOM + _LENGTH], "big")
        start = _RANDOM + _LENGTH
        message, meant_for = plain[start : start + length], plain[start + length :]
    except (ValueError, IndexError) as error:
        raise SignatureInvalidError from error
    if not hmac.compare_digest(meant_for, receiver.encode()):
        raise SignatureInvalidError
    return message


def encrypt(key: bytes, message: bytes, *, receiver: str) -> str:
    """What `decrypt` opens; answers and fakes need it."""
    plain = secrets.token_bytes(_RANDOM) + len(message).to_bytes(_LENGTH, "big") + message + receiver.encode()
    fill = _BLOCK - len(plain) % _BLOCK
    sealer = Cipher(algorithms.AES(key), modes.CBC(key[:16])).encryptor()
    return base64.b64encode(sealer.update(plain + bytes([fill]) * fill) + sealer.finalize()).decode()


def read_xml(body: bytes) -> dict[str, str]:
    """The elements of a callback's XML by name; one with a document type is refused, it has no use for it.

    Read as UTF-8, whatever it says of itself: in another encoding a document type would not be seen. Behind
    the first element there can be none, so that a customer may write what looks like one.
    """
    try:
        text = body.decode("utf-8-sig")
        if not _BEGINNING.match(text):
            raise NoticeMalformedError(why="no document type is expected")
        root = ElementTree.fromstring(text)  # noqa: S314 - no document type, so no entity can be declared
    except (ElementTree.ParseError, ValueError) as error:
        raise NoticeMalformedError(why="no XML") from error
    return {each.tag: (each.text or "").strip() for each in root}

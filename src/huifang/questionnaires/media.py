"""Looks into files that customers send: what they are by their content, never by their name.

An image is decoded and drawn anew, so that nothing but its picture is kept: no place, no device, no payload
behind it. A sound is recognised by its container and kept as it came. Nothing is played or run.
"""

import io
import struct
import threading
import warnings

from PIL import Image, ImageOps, UnidentifiedImageError

from huifang.questionnaires.answer_errors import (
    AnswerImageTooLargeError,
    AnswerNotImageError,
    AnswerNotSoundError,
)
from huifang.questionnaires.definitions import Blob

# A photograph, the largest of phone cameras, is decoded at the size that is needed. What cannot be (PNG,
# WebP, progressive JPEG) lies in memory whole, at four bytes a pixel and more.
PHOTO_PIXELS_MAX, PIXELS_MAX = 50_000_000, 16_000_000
_MEGA = 1_000_000
_one_at_a_time = threading.Lock()  # however many send pictures at once, one lies in memory
EDGE_MAX = 2048
QUALITY = 85
_FORMATS = ("JPEG", "PNG", "WEBP")
_MP4_BRANDS = (
    b"M4A ",
    b"M4B ",
    b"mp41",
    b"mp42",
    b"isom",
    b"iso2",
    b"3gp4",
    b"3gp5",
    b"3gp6",
    b"dash",
    b"qt  ",
)
_STARTS = (
    (b"OggS", "audio/ogg"),
    (b"\x1a\x45\xdf\xa3", "audio/webm"),
    (b"#!AMR\n", "audio/amr"),
    (b"#!AMR-WB\n", "audio/amr-wb"),
    (b"caff", "audio/x-caf"),
    (b"fLaC", "audio/flac"),
    (b"ID3", "audio/mpeg"),
)


def read_image(data: bytes) -> Blob:
    """The picture in *data*, drawn anew as JPEG, at most `EDGE_MAX` a side.

    Raises `AnswerNotImageError`, and before anything is decoded `AnswerImageTooLargeError`.
    """
    try:
        with _one_at_a_time, warnings.catch_warnings():
            warnings.simplefilter("error", Image.DecompressionBombWarning)
            return Blob(media_type="image/jpeg", data=_drawn(data))
    except (
        UnidentifiedImageError,
        Image.DecompressionBombError,
        Image.DecompressionBombWarning,
        # Decoders raise any of these on a broken file.
        OSError,
        ValueError,
        SyntaxError,
        EOFError,
        MemoryError,
        TypeError,
        LookupError,
        ArithmeticError,
        struct.error,
    ):
        raise AnswerNotImageError from None


def _drawn(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data), formats=_FORMATS) as opened:
        is_photo = opened.format == "JPEG" and not opened.info.get("progressive")
        most = PHOTO_PIXELS_MAX if is_photo else PIXELS_MAX
        if opened.width * opened.height > most:
            raise AnswerImageTooLargeError(megapixels=most // _MEGA)
        opened.draft("RGB", (EDGE_MAX, EDGE_MAX))
        upright = ImageOps.exif_transpose(opened)
        upright.thumbnail((EDGE_MAX, EDGE_MAX))
        plain = Image.new("RGB", upright.size, "white")
        shown = upright.convert("RGBA")
        plain.paste(shown, mask=shown.getchannel("A"))
        written = io.BytesIO()
        plain.save(written, "JPEG", quality=QUALITY, optimize=True)
    return written.getvalue()


def read_audio(data: bytes) -> Blob:
    """*data* with the type that its first bytes tell. Raises `AnswerNotSoundError`."""
    found = _audio_type(data)
    if not found:
        raise AnswerNotSoundError
    return Blob(media_type=found, data=data)


def _audio_type(data: bytes) -> str:
    if len(data) < 64:
        return ""
    if data[:4] == b"RIFF":
        return "audio/wav" if data[8:12] == b"WAVE" else ""
    if data[4:8] == b"ftyp":
        return "audio/mp4" if data[8:12] in _MP4_BRANDS else ""
    if data[0] == 0xFF and data[1] & 0xF6 == 0xF0:
        return "audio/aac"
    if data[0] == 0xFF and data[1] & 0xE6 == 0xE2:
        return "audio/mpeg"
    return next((kind for start, kind in _STARTS if data.startswith(start)), "")

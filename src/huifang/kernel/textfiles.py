"""Opens text files of other systems, a line at a time: finds their encoding, unpacks gzip, tells how far.

Never guesses where a wrong guess would be believed: what is neither Unicode nor Chinese is refused, and so is
text that was UTF-8 once, was read as Windows-1252 and saved again.
"""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import BinaryIO, cast

from huifang.kernel.refusals import Refusal, gettext_noop

LINE_LENGTH_MAX = 1_000_000
_SAMPLE_BYTES = 65_536
_PIECE_BYTES = 1_024
_BOMS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_DAMAGE = re.compile("[\ud800-\udfff]")
_PAIR = re.compile(rb"[\x81-\xfe][\x40-\xfe]")
_CHINESE_SHARE = 0.75
TWICE = "utf-8-twice"
"""The name under which garbled text is mended: `--encoding utf-8-twice`."""
_GARBLED_SHARE = 0.2
# Windows-1252, but for the five bytes that stand for nothing there and pass through most programs.
_BYTE_OF = {bytes((byte,)).decode("cp1252", "replace"): byte for byte in range(0x80, 0x100)}
_BYTE_OF = {sign: byte for sign, byte in _BYTE_OF.items() if sign != "\ufffd"}
_BYTE_OF |= {chr(byte): byte for byte in (0x81, 0x8D, 0x8F, 0x90, 0x9D)}
_ONCE = re.compile("[" + re.escape("".join(_BYTE_OF)) + "]{2,}")


class UnknownEncodingError(Refusal):
    """The bytes of a file are neither Unicode nor Chinese."""

    code = "unknown_encoding"
    text = gettext_noop(
        "{file} is not text in UTF-8, UTF-16 or GB 18030. Save it as UTF-8,"
        " or name its encoding, such as latin-1 (at the terminal: --encoding latin-1)."
    )
    status = 422


class GarbledTextError(Refusal):
    """UTF-8 that was read as Windows-1252 and saved as UTF-8 again."""

    code = "garbled_text"
    text = gettext_noop(
        "The text of {file} is garbled, such as “{example}” for “{mended}”: it was read in a wrong encoding"
        " and saved again. Export it anew as UTF-8, or have it mended with --encoding {twice}."
    )
    status = 422


class EncodingNameError(Refusal):
    """Nothing is called so."""

    code = "no_such_encoding"
    text = gettext_noop("There is no encoding {encoding}. Common ones are utf-8, gb18030, big5 and latin-1.")
    status = 422


def guess(sample: bytes) -> str:
    """The encoding of a text that begins with *sample*, "" where it cannot be told."""
    for mark, encoding in _BOMS:
        if sample.startswith(mark):
            return encoding
    if b"\0" in sample:
        return ""
    if _reads(sample, "utf-8"):
        return "utf-8-sig"
    return "gb18030" if _reads(sample, "gb18030") and _is_chinese(sample) else ""


def _reads(sample: bytes, encoding: str) -> bool:
    try:
        codecs.getincrementaldecoder(encoding)().decode(sample)
    except UnicodeDecodeError:
        return False
    return True


def _is_chinese(sample: bytes) -> bool:
    """Whether it is Chinese and not Latin-1, much of which can be read as GB 18030 without an error.

    Of what spreadsheets in China write, nearly every character is two high bytes; in Latin-1 a high byte
    stands between letters of ASCII.
    """
    pairs: list[bytes] = _PAIR.findall(sample)
    return sum(pair[1] >= 0x80 for pair in pairs) >= _CHINESE_SHARE * len(pairs)


def mend(line: str) -> str:
    """*line* with what was UTF-8, read as Windows-1252, read rightly; the rest of it as it is."""
    return _ONCE.sub(_mended, line)


def _mended(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[sign] for sign in found[0]).decode()
    except UnicodeDecodeError:
        return found[0]


def _garbled(text: str) -> tuple[str, str] | None:
    """A garbled line of *text* and what it was, where so many lines are so that the whole file must be."""
    lines = [line for line in text.splitlines() if line.strip()]
    pairs = [(line, mended) for line in lines if not line.isascii() and (mended := mend(line)) != line]
    other = sum(not line.isascii() for line in lines)
    is_whole = len(pairs) > other / 2 and len(pairs) >= max(2, _GARBLED_SHARE * len(lines))
    return pairs[-1] if is_whole else None


class Lines:
    """The lines of one file, with their ends.

    *fault* is why what was read since the last `take_fault` cannot be believed: ``wrong_encoding``,
    ``line_too_long`` or ``cut_off``. *number* counts lines from 1.
    """

    def __init__(
        self,
        file: Path,
        *,
        encoding: str,
        on_bytes: Callable[[int], None],
        on_garbled: Callable[[], None] = lambda: None,
    ) -> None:
        self._file = file
        self._is_twice = encoding.lower() == TWICE
        self._encoding = _checked("utf-8" if self._is_twice else encoding) if encoding else ""
        self._on_bytes = on_bytes
        self._on_garbled = on_garbled
        self._fault = ""
        self.number = 0

    def take_fault(self) -> str:
        """The fault since the last call, "" where there is none."""
        fault, self._fault = self._fault, ""
        return fault

    def __iter__(self) -> Iterator[str]:
        with ExitStack() as stack:
            raw, unpacked = self._opened(stack)
            try:
                yield from self._decoded(raw, unpacked)
            except (EOFError, zlib.error, gzip.BadGzipFile):
                self._fault = "cut_off"

    def _opened(self, stack: ExitStack) -> tuple[BinaryIO, BinaryIO]:
        """The file, and its content; the same where it is not packed."""
        raw = stack.enter_context(self._file.open("rb"))
        if self._file.suffix.lower() != ".gz":
            return raw, raw
        return raw, cast(BinaryIO, stack.enter_context(gzip.GzipFile(fileobj=raw)))

    def _decoded(self, raw: BinaryIO, unpacked: BinaryIO) -> Iterator[str]:
        encoding = self._encoding or self._guessed()
        # Bytes that make no sense become lone surrogates, by which they are found again.
        errors = "replace" if encoding.startswith(("utf-16", "utf-32")) else "surrogateescape"
        text = io.TextIOWrapper(unpacked, encoding=encoding, errors=errors, newline="")
        told = 0
        while line := text.readline(LINE_LENGTH_MAX):
            self.number += 1
            if len(line) == LINE_LENGTH_MAX and not line.endswith(("\n", "\r")):
                _skip_line(text)
                self._fault = "line_too_long"
            elif not line.isascii():
                line = self._looked_at(line)
            if (place := raw.tell()) != told:
                self._on_bytes(place - told)
                told = place
            yield line

    def _looked_at(self, line: str) -> str:
        """*line*, which is more than ASCII, with its damage noted or mended."""
        if _DAMAGE.search(line):
            self._fault = "wrong_encoding"
            return _DAMAGE.sub("\ufffd", line)
        mended = mend(line)
        if mended == line:
            return line
        if not self._is_twice:
            self._on_garbled()
        return mended if self._is_twice else line

    def _guessed(self) -> str:
        """The encoding, by the file's beginning. Raises `UnknownEncodingError` and `GarbledTextError`."""
        sample = b""
        with ExitStack() as stack, suppress(EOFError, zlib.error, gzip.BadGzipFile):
            _, unpacked = self._opened(stack)
            while len(sample) < _SAMPLE_BYTES and (piece := unpacked.read(_PIECE_BYTES)):
                sample += piece
        found = guess(sample)
        if not found:
            raise UnknownEncodingError(file=self._file.name)
        if found == "utf-8-sig" and (pair := _garbled(sample.decode("utf-8", "ignore"))):
            example, mended = (_differing(each) for each in pair)
            raise GarbledTextError(file=self._file.name, example=example, mended=mended, twice=TWICE)
        return found


def _differing(line: str) -> str:
    """The first word of *line* that is more than ASCII, short enough for a message."""
    return next((word[:20] for word in re.split(r"[\s,;|\"]+", line) if not word.isascii()), "")


def _checked(encoding: str) -> str:
    try:
        name = codecs.lookup(encoding).name
        "".encode(name)  # some codecs are no encodings of text
    except LookupError:
        raise EncodingNameError(encoding=encoding) from None
    return "utf-8-sig" if name == "utf-8" else name


def _skip_line(text: io.TextIOWrapper) -> None:
    while (rest := text.readline(LINE_LENGTH_MAX)) and not rest.endswith(("\n", "\r")):
        pass

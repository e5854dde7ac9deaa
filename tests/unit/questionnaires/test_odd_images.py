"""Images whose notes about themselves are broken: refused with a reason, whatever decoders make of them."""

import contextlib
import io
import random

import pytest
from PIL import Image, ImageFile

from huifang.questionnaires import media
from huifang.questionnaires.answer_errors import AnswerImageTooLargeError, AnswerNotImageError


def claiming(width: int, height: int, form: str, **more: object) -> bytes:
    """A small picture whose header says that it is large: nothing but the header may be believed."""
    written = io.BytesIO()
    Image.new("1" if form == "PNG" else "L", (width, height)).save(written, form, **more)
    return written.getvalue()


@pytest.mark.parametrize(
    ("width", "height", "form", "more", "most"),
    [
        (5000, 4000, "PNG", {}, 16),
        (5000, 4000, "JPEG", {"progressive": True}, 16),
        (8000, 7000, "JPEG", {}, 50),
    ],
)
def test_a_picture_too_large_for_memory_is_refused_before_it_is_decoded(
    monkeypatch: pytest.MonkeyPatch, width: int, height: int, form: str, more: dict[str, object], most: int
) -> None:
    data = claiming(width, height, form, **more)
    monkeypatch.setattr(ImageFile.ImageFile, "load", lambda _: pytest.fail("it was decoded"))
    with pytest.raises(AnswerImageTooLargeError) as refused:
        media.read_image(data)
    assert refused.value.facts == {"megapixels": most}


def test_a_photograph_of_a_large_camera_is_taken() -> None:
    found = media.read_image(claiming(6000, 4000, "JPEG"))
    with Image.open(io.BytesIO(found.data)) as shown:
        assert max(shown.size) <= media.EDGE_MAX


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP"])
def test_a_broken_image_is_refused_and_nothing_else(form: str) -> None:
    notes = Image.Exif()
    notes[0x112], notes[0x10F], notes[0x8769] = 6, "x", {0x9000: b"0230"}
    written = io.BytesIO()
    Image.effect_noise((32, 24), 50).convert("RGB").save(written, form, exif=notes)
    whole, chance = written.getvalue(), random.Random(2)
    for _ in range(1500):
        broken = bytearray(whole)
        for _ in range(chance.randint(1, 6)):
            broken[chance.randrange(min(len(broken), 220))] = chance.randrange(256)
        with contextlib.suppress(AnswerNotImageError):
            media.read_image(bytes(broken))

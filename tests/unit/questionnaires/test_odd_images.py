"""Images whose notes about themselves are broken: refused with a reason, whatever decoders make of them."""

import contextlib
import io
import random

import pytest
from PIL import Image

from huifang.questionnaires import media
from huifang.questionnaires.errors import AnswerNotImageError


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

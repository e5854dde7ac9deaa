"""The kinds that are answered by a file, or by words where the browser cannot send one."""

from typing import ClassVar

from huifang.questionnaires import media
from huifang.questionnaires.answer_errors import AnswerFileTooLargeError
from huifang.questionnaires.kinds.base import Given, Plain, clean
from huifang.questionnaires.kinds.text import LONG_CHARACTERS_MAX
from huifang.questionnaires.records import AnswerValue, Blob, Question

MEGABYTE = 1024 * 1024


class File(Plain):
    """One file that `read` accepts; the words are for browsers that offer no file, WeChat's among them."""

    form_template: ClassVar[str] = "survey/kinds/file.html"
    takes_file: ClassVar[bool] = True
    needs_customer: ClassVar[bool] = True
    accept: ClassVar[str]
    bytes_max: ClassVar[int]

    def read(self, data: bytes) -> Blob:
        """What is kept of *data*. Raises a refusal where it is something else."""
        raise NotImplementedError

    def parse(self, question: Question, given: Given) -> AnswerValue | None:
        """A file, words, or both."""
        words = clean(given.text, limit=LONG_CHARACTERS_MAX)
        if not given.file:
            return AnswerValue(text=words) if words else None
        if len(given.file) > self.bytes_max:
            raise AnswerFileTooLargeError(megabytes=self.bytes_max // MEGABYTE)
        return AnswerValue(fresh=self.read(given.file), text=words)


class Voice(File):
    """A voice note of at most a few minutes, kept as it came."""

    name: ClassVar[str] = "voice"
    accept: ClassVar[str] = "audio/*"
    bytes_max: ClassVar[int] = 6 * MEGABYTE

    def read(self, data: bytes) -> Blob:
        """A recording in a container that is known."""
        return media.read_audio(data)

    def seconds(self, question: Question) -> float:
        """Finding the button and speaking."""
        return 25.0


class Image(File):
    """A photograph or a screenshot, drawn anew without what it says about place and device."""

    name: ClassVar[str] = "image"
    accept: ClassVar[str] = "image/jpeg,image/png,image/webp"
    bytes_max: ClassVar[int] = 8 * MEGABYTE

    def read(self, data: bytes) -> Blob:
        """A picture, drawn anew."""
        return media.read_image(data)

    def seconds(self, question: Question) -> float:
        """Choosing one of the pictures."""
        return 15.0

"""What every engine of textanalysis is: texts in, findings out; no database, no clock, no chance."""

from collections.abc import Sequence
from typing import Protocol

from huifang.textanalysis.records import Finding, Text


class Engine(Protocol):
    """One way to understand texts."""

    @property
    def name(self) -> str:
        """What operators call it."""

    @property
    def version(self) -> str:
        """Changes whenever the same text could get another finding."""

    def analyse(self, texts: Sequence[Text]) -> list[Finding]:
        """One finding for each of *texts*, in their order. Never raises for what a text says."""

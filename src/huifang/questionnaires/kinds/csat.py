"""CSAT: how satisfied, 1 to 5."""

from typing import ClassVar

from huifang.questionnaires.kinds.scale import Scale


class Csat(Scale):
    """CSAT: how satisfied, 1 to 5."""

    name: ClassVar[str] = "csat"
    metric: ClassVar[str] = "csat"
    template: ClassVar[str] = "survey/kinds/levels.html"
    form_template: ClassVar[str] = "survey/kinds/radios.html"
    lowest: ClassVar[int] = 1
    highest: ClassVar[int] = 5
    low_at_most: ClassVar[int] = 2
    answer_seconds: ClassVar[float] = 3.0

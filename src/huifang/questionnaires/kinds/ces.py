"""CES: how easy it was, 1 (hard) to 7 (easy)."""

from typing import ClassVar

from huifang.questionnaires.kinds.scale import Scale


class Ces(Scale):
    """CES: how easy it was, 1 (hard) to 7 (easy)."""

    name: ClassVar[str] = "ces"
    metric: ClassVar[str] = "ces"
    template: ClassVar[str] = "survey/kinds/grid.html"
    form_template: ClassVar[str] = "survey/kinds/radio_grid.html"
    lowest: ClassVar[int] = 1
    highest: ClassVar[int] = 7
    low_at_most: ClassVar[int] = 3
    answer_seconds: ClassVar[float] = 4.0

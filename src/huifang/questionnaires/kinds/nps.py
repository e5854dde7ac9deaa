"""NPS: how likely to recommend, 0 to 10."""

from typing import ClassVar

from huifang.questionnaires.kinds.scale import Scale


class Nps(Scale):
    """NPS: how likely to recommend, 0 to 10."""

    name: ClassVar[str] = "nps"
    metric: ClassVar[str] = "nps"
    template: ClassVar[str] = "survey/kinds/grid.html"
    form_template: ClassVar[str] = "survey/kinds/radio_grid.html"
    lowest: ClassVar[int] = 0
    highest: ClassVar[int] = 10
    low_at_most: ClassVar[int] = 6
    answer_seconds: ClassVar[float] = 4.0

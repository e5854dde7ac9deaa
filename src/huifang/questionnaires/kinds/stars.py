"""Stars: one to five, the scale that everybody knows from shops."""

from typing import ClassVar

from huifang.questionnaires.kinds.scale import Scale


class Stars(Scale):
    """Stars, 1 to 5. No measure of satisfaction: that is CSAT's, with its own words."""

    name: ClassVar[str] = "stars"
    metric: ClassVar[str] = ""
    template: ClassVar[str] = "survey/kinds/stars.html"
    form_template: ClassVar[str] = "survey/kinds/radio_grid.html"
    lowest: ClassVar[int] = 1
    highest: ClassVar[int] = 5
    low_at_most: ClassVar[int] = 2
    answer_seconds: ClassVar[float] = 3.0

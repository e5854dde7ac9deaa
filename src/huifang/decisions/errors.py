"""What this room refuses. Plain exceptions: it stands below the kernel and its `Refusal`."""


class UnknownCalendarError(ValueError):
    """No holiday calendar has this name, so nobody could say which days are holidays."""

    def __init__(self, country: str) -> None:
        super().__init__(f"There is no holiday calendar named {country!r}.")
        self.country = country

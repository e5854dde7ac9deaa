"""What this room refuses. Plain exceptions: it stands below the kernel and its `Refusal`."""


class EmptySampleError(ValueError):
    """A measure was asked of nobody. Show that there are no answers yet, never a zero."""

    def __init__(self) -> None:
        super().__init__("A measure needs at least one answer.")

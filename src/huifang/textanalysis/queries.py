"""What can be asked about texts and about how well they are understood."""

from pathlib import Path

from huifang.textanalysis.records import Figure, PublicSet


def public_sets() -> dict[str, PublicSet]:
    """The public sets that can be measured on, by name; none of them is shipped."""
    from huifang.textanalysis import public_sets

    return dict(public_sets.SETS)


def measured(*, name: str, folder: Path, with_meaning: bool) -> list[Figure]:
    """Learn and try on the public set *name* below *folder*. Seconds to minutes of work."""
    from huifang.textanalysis import embedding, public_sets

    return public_sets.MEASURES[name](folder, embedding.embedder() if with_meaning else None)

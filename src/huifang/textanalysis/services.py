"""What can be done with texts. An archive needs no database."""

from collections.abc import Callable, Iterable

from huifang.kernel.rows import RefusedRow, Row
from huifang.textanalysis.records import ArchiveOrder, ArchiveReport


def analyse_archive(
    *, order: ArchiveOrder, rows: Iterable[Row], on_refused: Callable[[RefusedRow], None]
) -> ArchiveReport:
    """Findings for each text of *rows* of the source, going on where a killed run stopped."""
    # Learning libraries are heavy: whoever only sees findings never loads them.
    from huifang.textanalysis import archives
    from huifang.textanalysis.engines import fused
    from huifang.textanalysis.engines.rules import RuleEngine

    engine = RuleEngine() if order.engine == "rules" else fused.fresh(with_meaning=order.engine == "fused")
    target = archives.Target(file=order.target, form=order.form, source=archives.fingerprint(order.source))
    return archives.analyse(rows, engine, target, layout=order.layout, on_refused=on_refused)

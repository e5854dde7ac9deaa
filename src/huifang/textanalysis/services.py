"""What can be done with texts. An archive needs no database."""

from collections.abc import Callable, Iterable
from datetime import datetime

from huifang.kernel import audit
from huifang.kernel.ids import CustomerId
from huifang.kernel.rows import RefusedRow, Row
from huifang.textanalysis import chores, engine_choice
from huifang.textanalysis.errors import FieldValueError
from huifang.textanalysis.faq_book import retire as retire_faq_entry
from huifang.textanalysis.faq_book import save as save_faq_entry
from huifang.textanalysis.intake import drop_texts as drop_texts
from huifang.textanalysis.intake import take_texts as take_texts
from huifang.textanalysis.keeping import add as add_topic
from huifang.textanalysis.keeping import rename as rename_topic
from huifang.textanalysis.keeping import restore as restore_topic
from huifang.textanalysis.keeping import retire as retire_topic
from huifang.textanalysis.labelling import correct as correct
from huifang.textanalysis.labelling import label as label
from huifang.textanalysis.labelling import undo_correction as undo_correction
from huifang.textanalysis.learning import activate_version as activate_version
from huifang.textanalysis.merging import merge as merge_topics
from huifang.textanalysis.merging import part as part_topics
from huifang.textanalysis.models import Finding
from huifang.textanalysis.proposing import dismiss as dismiss_proposal
from huifang.textanalysis.proposing import take as take_proposal
from huifang.textanalysis.records import ArchiveOrder, ArchiveReport
from huifang.textanalysis.reopening import reopen_alert as reopen_alert
from huifang.textanalysis.reopening import reopen_proposal as reopen_proposal
from huifang.textanalysis.watching import dismiss as dismiss_alert
from huifang.textanalysis.working import read_again as read_again

__all__ = [
    "activate_version",
    "add_topic",
    "analyse_archive",
    "correct",
    "customers_merged",
    "dismiss_alert",
    "dismiss_proposal",
    "drop_texts",
    "label",
    "merge_topics",
    "part_topics",
    "read_again",
    "rename_topic",
    "reopen_alert",
    "reopen_proposal",
    "restore_topic",
    "retire_faq_entry",
    "retire_topic",
    "retrain",
    "save_faq_entry",
    "take_proposal",
    "take_texts",
    "undo_correction",
]


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


def retrain(*, kind: str, by: str, now: datetime) -> None:
    """Have the worker learn *kind* (``topics``, ``sentiment``) anew, in seconds."""
    if kind not in engine_choice.KINDS:
        raise FieldValueError(field="kind", value=kind)
    chores.ask(chores.RETRAIN + kind, now=now)
    audit.record(actor=by, action="model.asked", subject=f"model:{kind}", at=now)


def customers_merged(*, kept_id: CustomerId, gone_id: CustomerId) -> None:
    """What *gone_id* said is now what *kept_id* said."""
    Finding.objects.filter(customer_id=gone_id).update(customer_id=kept_id)

"""Reads queued texts: any number of workers, each text once, nothing lost when one is killed.

A worker holds a share of the queue (`trying`) and no transaction while the engine works; what it found is
written at once, over rows nobody changed meanwhile. A text on which an engine breaks is found by halving,
set aside as unsure, and said so. One that kills its worker is set aside after three times.
"""

import logging
from collections.abc import Sequence
from datetime import datetime

from django.db import transaction
from msgspec import structs

from huifang.kernel import audit, outbox
from huifang.textanalysis import engine_choice, keeping, stored, trying
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.models import Finding, TextState
from huifang.textanalysis.records import Finding as Said
from huifang.textanalysis.records import FindingMade, Intent, Sentiment, Text, TopicFinding
from huifang.textanalysis.trying import SHARES

BATCH = 100
_BROKEN_MIN = 8
_BROKE, _DIED = "engine_broke", "engine_died"
_log = logging.getLogger(__name__)


def work(*, now: datetime, engine: Engine | None = None) -> int:
    """Read one batch; how many texts got a finding. 0 too where no model is learnt yet."""
    newest = Finding.objects.filter(state=TextState.QUEUED).order_by("-pk").values_list("pk", flat=True)
    waiting = list(newest[: BATCH * SHARES])
    if not waiting:
        return 0
    engine = engine or engine_choice.current(now=now)
    if engine is None:
        return 0
    for share in dict.fromkeys(pk % SHARES for pk in waiting):
        with trying.held(share) as is_held:
            if is_held:
                return _work_on([pk for pk in waiting if pk % SHARES == share], engine, now)
    return 0


def _work_on(waiting: Sequence[int], engine: Engine, now: datetime) -> int:
    """Read a batch of *waiting*, or set aside what killed its workers."""
    deadly = trying.spent(waiting)
    if deadly:
        _log.error("texts %s are set aside: workers died of them", deadly)
        digests = Finding.objects.filter(pk__in=deadly).values_list("pk", "digest")
        return _write({pk: (digest, None) for pk, digest in digests}, engine, now, problem=_DIED)
    ids = trying.begin(waiting, batch=BATCH)
    try:
        return _read(ids, engine, now)
    except Exception:
        trying.undo(ids)
        raise


def _read(ids: Sequence[int], engine: Engine, now: datetime) -> int:
    rows = list(Finding.objects.filter(pk__in=ids, state=TextState.QUEUED).order_by("pk"))
    texts = [_text(row) for row in rows]
    findings = _found(engine, texts)
    if len(rows) >= _BROKEN_MIN and not any(findings):
        raise RuntimeError(f"the engine {engine.name} breaks on every text")
    said = {row.pk: (row.digest, found) for row, found in zip(rows, findings, strict=True)}
    return _write(said, engine, now, problem=_BROKE)


def _text(row: Finding) -> Text:
    return Text(key=str(row.pk), text=row.masked, rating=row.rating, language=row.given_language)


def _found(engine: Engine, texts: Sequence[Text]) -> list[Said | None]:
    """A finding for each of *texts*, None where the engine breaks on it."""
    if not texts:
        return []
    try:
        return list(engine.analyse(texts))
    except Exception:
        if len(texts) == 1:
            _log.exception("text %s cannot be read", texts[0].key)
            return [None]
        half = len(texts) // 2
        return [*_found(engine, texts[:half]), *_found(engine, texts[half:])]


@transaction.atomic
def _write(said: dict[int, tuple[str, Said | None]], engine: Engine, now: datetime, *, problem: str) -> int:
    rows = list(
        Finding.objects.select_for_update(no_key=True)
        .filter(pk__in=list(said), state=TextState.QUEUED)
        .order_by("pk")
    )
    corrected = stored.corrections_of([row.pk for row in rows])
    live = _live_codes()
    written = []
    for row in rows:
        digest, found = said[row.pk]
        # Its words changed while they were read: it stays in the queue.
        if row.digest != digest:
            continue
        row.state = TextState.DONE if found else TextState.PARKED
        row.problem, row.tries = "" if found else problem, 0
        row.found_at = now
        stored.write(row, _kept(found, live) if found else _unsure(row, engine), corrected.get(row.pk, {}))
        written.append(row)
    Finding.objects.bulk_update(
        written, [*stored.COLUMNS, "masked", "state", "problem", "tries", "found_at"], batch_size=BATCH
    )
    outbox.record(*(_fact(row, now) for row in written))
    return len(written)


def _live_codes() -> dict[str, str]:
    """What each code that a model may know stands for now; a retired topic for none."""
    return {
        each.code: each.merged_into or ("" if each.is_retired else each.code) for each in keeping.records()
    }


def _kept(found: Said, live: dict[str, str]) -> Said:
    """*found* with topics that there still are, each once."""
    topics: dict[str, TopicFinding] = {}
    for each in found.topics:
        code = live.get(each.code, "")
        if code:
            topics.setdefault(code, structs.replace(each, code=code))
    return structs.replace(found, topics=tuple(topics.values()))


def _unsure(row: Finding, engine: Engine) -> Said:
    return Said(
        key=str(row.pk),
        language="",
        masked=row.masked,
        sentiment=Sentiment.UNSURE,
        sentiment_confidence=0.0,
        topics=(),
        intent=Intent.UNSURE,
        urgency=0,
        cues=(),
        competitors=(),
        wish="",
        evidence=(),
        engine=engine.name,
        engine_version=engine.version,
    )


def _fact(row: Finding, now: datetime) -> FindingMade:
    return FindingMade(
        source=row.source,
        key=row.key,
        customer_id=stored.record(row).customer_id,
        sentiment=row.sentiment,
        topics=tuple(row.topics),
        urgency=row.urgency,
        cues=tuple(each["kind"] for each in row.cues),
        at=now,
    )


def read_again(*, by: str, now: datetime) -> int:
    """Queue every text that another version of the engine read, or that none could; how many."""
    engine = engine_choice.current(now=now)
    rows = Finding.objects.filter(state__in=[TextState.DONE, TextState.PARKED])
    if engine is not None:
        rows = rows.exclude(state=TextState.DONE, engine_version=engine.version)
    with transaction.atomic():
        count = rows.update(state=TextState.QUEUED, tries=0)
        audit.record(actor=by, action="texts.read_again", subject="texts", at=now, facts={"texts": count})
    return count


def read_newest_again(*, limit: int, now: datetime) -> int:
    """Queue the newest *limit* texts that an older version read: what is to be labelled is chosen by them."""
    engine = engine_choice.current(now=now)
    if engine is None:
        return 0
    newest = Finding.objects.order_by("-at", "-pk").values("pk")[:limit]
    rows = Finding.objects.filter(pk__in=newest, state=TextState.DONE).exclude(engine_version=engine.version)
    return rows.update(state=TextState.QUEUED, tries=0)


def progress() -> dict[str, int]:
    """How many texts wait, for the first time and again, and how many could not be read."""
    queued = Finding.objects.filter(state=TextState.QUEUED)
    return {
        "waiting": queued.filter(found_at=None).count(),
        "again": queued.exclude(found_at=None).count(),
        "parked": Finding.objects.filter(state=TextState.PARKED).count(),
        "done": Finding.objects.filter(state=TextState.DONE).count(),
    }

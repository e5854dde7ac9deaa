"""Models that learn from labels: trained in the background, versioned, compared, and taken back."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import Max

from huifang.kernel import audit
from huifang.stats import intervals
from huifang.textanalysis import chores, engine_choice, keeping, labelling, seeds, verdicts
from huifang.textanalysis.engine_choice import FUSED, KINDS, LLM, RULES, TFIDF
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.errors import BrokenModelError, UnknownModelError
from huifang.textanalysis.models import EngineMeasure, Label, LearntModel
from huifang.textanalysis.records import (
    EngineFigure,
    Figure,
    Labelled,
    ModelVersion,
    Sentiment,
    Taxonomy,
    Text,
)
from huifang.textanalysis.stored import SENTIMENT, TOPICS
from huifang.textanalysis.verdicts import Verdict

FIRST_DAY = "system:first-day"
_KEPT = 10
_LOCK = 0x5458_4C00


def ensure(*, now: datetime) -> bool:
    """Learn from the seeds what no model has learnt yet; whether anything was learnt. Seconds of work."""
    missing = [kind for kind in KINDS if kind not in engine_choice.active_ids()]
    for kind in missing:
        _retrain_alone(kind, by=FIRST_DAY, now=now)
    return bool(missing)


def retrain(kind: str, *, by: str, now: datetime) -> ModelVersion:
    """Learn *kind* anew from seeds and labels; in use at once unless `verdicts` says that it reads worse."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        return _record(_learnt(kind, by=by, now=now))


def _retrain_alone(kind: str, *, by: str, now: datetime) -> None:
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        # Another worker may have learnt it while this one waited.
        if kind not in engine_choice.active_ids():
            _learnt(kind, by=by, now=now)


def _learnt(kind: str, *, by: str, now: datetime) -> LearntModel:
    from huifang.textanalysis import model_files, training

    known = keeping.taxonomy()
    labels = labelling.labelled(kind, held_out=False)
    until = Label.objects.filter(kind=kind).aggregate(last=Max("at"))["last"]
    # The first day is the same everywhere.
    more = labelling.unlabelled(kind) if labels and kind == TOPICS else []
    model = training.fit([*_seeds(kind, known), *labels], embed=engine_choice.embedder(), unlabelled=more)
    held = labelling.labelled(kind, held_out=True)
    active = LearntModel.objects.filter(kind=kind, is_active=True).first()
    before, after, verdict = _compared(kind, model, held, learnt=len(labels), active=active)
    is_active = verdict.is_for_use
    if is_active:
        LearntModel.objects.filter(kind=kind, is_active=True).update(is_active=False)
    row = LearntModel.objects.create(
        kind=kind,
        at=now,
        by=by,
        labels=len(labels) + len(held),
        labels_until=until,
        classes=list(model.classes),
        taxonomy=keeping.sum_of(known),
        has_meaning=model.meaning is not None,
        content=model_files.write(model),
        version=model_files.version_of(model),
        before=before,
        after=after,
        verdict=verdict,
        is_active=is_active,
    )
    _forget_old(kind)
    facts = {"labels": row.labels, "before": before, "after": after, "verdict": verdict.value}
    audit.record(actor=by, action="model.learnt", subject=f"model:{row.pk}", at=now, facts=facts)
    return row


def _seeds(kind: str, known: Taxonomy) -> list[Labelled]:
    return seeds.topics(known) if kind == TOPICS else seeds.moods()


def _compared(
    kind: str, model: Any, held: Sequence[Labelled], *, learnt: int, active: LearntModel | None
) -> tuple[dict[str, Any], dict[str, Any], Verdict]:
    """How the active version and *model* do on labels that neither learnt from ({}: unknown), and so."""
    verdict = Verdict.FIRST if active is None else Verdict.UNMEASURED
    if not held:
        return {}, {}, verdict
    other = _other(SENTIMENT if kind == TOPICS else TOPICS)
    rights = _rights(_engine_of(kind, model, other, learnt), kind, held)
    after = _figures(rights, learnt)
    if active is None or (stored := _stored(active)) is None:
        return {}, after, verdict
    were = _rights(_engine_of(kind, stored, other, active.labels), kind, held)
    return _figures(were, active.labels), after, verdicts.between(were, rights)


def _other(kind: str) -> Any:
    """The active model of *kind*, or one of the seeds alone where there is none yet."""
    from huifang.textanalysis import training

    row = LearntModel.objects.filter(kind=kind, is_active=True).first()
    model = _stored(row) if row else None
    return model or training.fit(_seeds(kind, keeping.taxonomy()), embed=engine_choice.embedder())


def _stored(row: LearntModel) -> Any:
    from huifang.textanalysis import model_files

    try:
        return model_files.read(bytes(row.content or b""), name=row.version)
    except BrokenModelError:
        return None


def _engine_of(kind: str, model: Any, other: Any, labels: int) -> Engine:
    topics, sentiment = (model, other) if kind == TOPICS else (other, model)
    name = TFIDF if engine_choice.embedder() is None else FUSED
    return engine_choice.of_models(name, topics, sentiment, labels=labels if kind == SENTIMENT else 0)


def _guesses(engine: Engine, kind: str, texts: Sequence[str]) -> list[str]:
    """What *engine* says of *texts*, "" where it is not sure: as customers' texts are read, ratings aside."""
    found = engine.analyse([Text(key=str(at), text=each) for at, each in enumerate(texts)])
    if kind == SENTIMENT:
        return ["" if each.sentiment is Sentiment.UNSURE else each.sentiment.value for each in found]
    return [each.topics[0].code if each.topics else "" for each in found]


def _rights(engine: Engine, kind: str, held: Sequence[Labelled]) -> list[bool]:
    """Which of *held* the engine gets right."""
    guesses = _guesses(engine, kind, [each.text for each in held])
    return _right([each.label for each in held], guesses)


def _right(truth: Sequence[str], guesses: Sequence[str]) -> list[bool]:
    """Which of *guesses* are right; no topic is right for a text that is about none."""
    return [one == (guess or seeds.NO_TOPIC) for one, guess in zip(truth, guesses, strict=True)]


def _figures(rights: Sequence[bool], learnt: int) -> dict[str, Any]:
    """Accuracy with its interval."""
    found = intervals.wilson(sum(rights), len(rights))
    return {
        "name": "accuracy",
        "value": round(found.estimate, 4),
        "low": round(found.low, 4),
        "high": round(found.high, 4),
        "learnt": learnt,
        "tried": len(rights),
    }


def _forget_old(kind: str) -> None:
    """Numbers of old versions take room; what they were and how they did stays."""
    kept = LearntModel.objects.filter(kind=kind).order_by("-pk").values_list("pk", flat=True)[:_KEPT]
    LearntModel.objects.filter(kind=kind, is_active=False).exclude(pk__in=list(kept)).update(content=None)


def activate_version(*, version_id: int, by: str, now: datetime) -> None:
    """Read with this version from now on. Raises `UnknownModelError`."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
        row = LearntModel.objects.filter(pk=version_id).exclude(content=None).first()
        if row is None:
            raise UnknownModelError
        if row.is_active:
            return
        LearntModel.objects.filter(kind=row.kind, is_active=True).update(is_active=False)
        LearntModel.objects.filter(pk=row.pk).update(is_active=True)
        audit.record(
            actor=by, action="model.activated", subject=f"model:{row.pk}", at=now, facts={"kind": row.kind}
        )


def model_versions() -> list[ModelVersion]:
    """Every version, newest first."""
    return [_record(row) for row in LearntModel.objects.defer("content").order_by("-pk")[:200]]


def _record(row: LearntModel) -> ModelVersion:
    return ModelVersion(
        id=row.pk,
        kind=row.kind,
        at=row.at,
        by=row.by,
        labels=row.labels,
        classes=tuple(row.classes),
        before=Figure(**row.before) if row.before else None,
        after=Figure(**row.after) if row.after else None,
        is_active=row.is_active,
        verdict=row.verdict,
    )


def measure_engines(*, now: datetime) -> None:
    """Measure what every engine says of the held-out labels, and keep the figures."""
    for kind in KINDS:
        held = labelling.labelled(kind, held_out=True)
        if not held:
            EngineMeasure.objects.filter(kind=kind).delete()
            continue
        truth = [each.label for each in held]
        for name, guesses, learnt in _said_by_engines(kind, [each.text for each in held]):
            _keep(name, kind, truth, guesses, learnt=learnt, now=now)
        asked, answered = _said_by_endpoint(kind)
        if asked:
            _keep(LLM, kind, asked, answered, learnt=0, now=now)


def _keep(  # noqa: PLR0913 - one keyword a thing that is measured
    engine: str, kind: str, truth: Sequence[str], guesses: Sequence[str], *, learnt: int, now: datetime
) -> None:
    f1 = _macro_f1(truth, [each or seeds.NO_TOPIC for each in guesses], learnt)
    EngineMeasure.objects.update_or_create(
        engine=engine,
        kind=kind,
        defaults={
            "at": now,
            "accuracy": _figures(_right(truth, guesses), learnt),
            "macro_f1": {field: getattr(f1, field) for field in Figure.__slots__},
            "abstained": sum(not each for each in guesses) / len(guesses),
            "sample": len(truth),
        },
    )


def _said_by_endpoint(kind: str) -> tuple[list[str], list[str]]:
    """What an endpoint said of texts with held-out labels when it read them; asking again would cost.

    A rating outranks what it says of sentiment, so rated texts say nothing about it.
    """
    found = Label.objects.filter(kind=kind, is_held_out=True, finding__engine=LLM)
    if kind == SENTIMENT:
        found = found.filter(finding__rating=None)
    rows = list(found.order_by("finding_id").values_list("label", "finding__said"))
    return [label for label, _ in rows], [_main(kind, said) for _, said in rows]


def _main(kind: str, said: Mapping[str, Any]) -> str:
    if kind == SENTIMENT:
        return "" if said[SENTIMENT] == Sentiment.UNSURE else str(said[SENTIMENT])
    return said[TOPICS][0]["code"] if said[TOPICS] else ""


def _macro_f1(truth: Sequence[str], guesses: Sequence[str], learnt: int) -> Figure:
    import numpy as np

    from huifang.textanalysis import evaluation

    classes = tuple(sorted({*truth, *guesses}))
    numbers = {name: at for at, name in enumerate(classes)}
    tried = evaluation.Tried(
        classes=classes,
        truth=np.array([numbers[each] for each in truth], np.int64),
        shares=np.eye(len(classes))[[numbers[each] for each in guesses]],
        learnt=learnt,
    )
    return evaluation.macro_f1(tried)


def _said_by_engines(kind: str, texts: Sequence[str]) -> list[tuple[str, list[str], int]]:
    """What each engine that this installation can run says of *texts*, and from how many labels it learnt."""
    said = []
    if kind == SENTIMENT:
        said.append((RULES, _guesses(RuleEngine(own=engine_choice.own_names()), kind, texts), 0))
    topics, sentiment = _other(TOPICS), _other(SENTIMENT)
    learnt = Label.objects.filter(kind=kind, is_held_out=False).count()
    names = [TFIDF] if engine_choice.embedder() is None else [TFIDF, FUSED]
    for name in names:
        engine = engine_choice.of_models(name, topics, sentiment, labels=learnt if kind == SENTIMENT else 0)
        said.append((name, _guesses(engine, kind, texts), learnt))
    return said


def engine_figures() -> list[EngineFigure]:
    """How every engine did when it was last measured, the most accurate first."""
    found = [
        EngineFigure(
            engine=row.engine,
            field=row.kind,
            accuracy=Figure(**row.accuracy),
            macro_f1=Figure(**row.macro_f1),
            abstained=row.abstained,
            sample=row.sample,
            at=row.at,
        )
        for row in EngineMeasure.objects.all()
    ]
    return sorted(found, key=lambda each: (each.field, -each.accuracy.value, each.engine))


def asked_kinds() -> list[str]:
    """The kinds of which labels or topics changed since they were last learnt."""
    return [kind for kind in KINDS if chores.is_asked(chores.RETRAIN + kind)]

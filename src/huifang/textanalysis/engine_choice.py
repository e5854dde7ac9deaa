"""The engine of this process: named by a setting, made of the active models, made anew when those change."""

import logging
import threading
from dataclasses import dataclass
from datetime import datetime, timedelta

from huifang.kernel.wallet import wallet_name
from huifang.textanalysis import embedding, keeping, settings
from huifang.textanalysis.engines.base import Engine
from huifang.textanalysis.engines.rules import RuleEngine
from huifang.textanalysis.models import LearntModel
from huifang.textanalysis.stored import SENTIMENT, TOPICS

FUSED, TFIDF, RULES, LLM = "fused", "tfidf", "rules", "llm"
KINDS = (TOPICS, SENTIMENT)
_BUDGET = timedelta(days=1)
_log = logging.getLogger(__name__)


@dataclass(slots=True)
class _Loaded:
    """What this process has loaded, and what it was made of."""

    engine: Engine | None = None
    made_of: tuple[object, ...] = ()
    until: datetime | None = None


_loaded = _Loaded()
_loading = threading.Lock()


def chosen() -> str:
    """The engine that the setting asks for."""
    return settings.ENGINE


def own_names() -> frozenset[str]:
    """What our own wallet is called: no competitor."""
    return frozenset(wallet_name(language).lower() for language in ("en", "zh-Hans"))


def active_ids() -> dict[str, int]:
    """The active version of each kind of model."""
    return dict(LearntModel.objects.filter(is_active=True).values_list("kind", "pk"))


def current(*, now: datetime) -> Engine | None:
    """The engine to read texts with; None until there is a model for it to read with."""
    name = chosen()
    if name == RULES:
        return RuleEngine(own=own_names())
    active = active_ids()
    if set(active) != set(KINDS):
        return None
    made_of = (name, own_names(), tuple(sorted(active.items())), keeping.sum_of(keeping.taxonomy()))
    with _loading:
        is_spent = _loaded.until is not None and now >= _loaded.until
        if _loaded.engine is None or _loaded.made_of != made_of or is_spent:
            _loaded.engine, _loaded.made_of = _made(name, active), made_of
            # A budget is for one day.
            _loaded.until = now + _BUDGET if name == LLM else None
        return _loaded.engine


def forget() -> None:
    """Load anew next time."""
    with _loading:
        _loaded.engine, _loaded.made_of, _loaded.until = None, (), None


def of_models(name: str, topics: "object", sentiment: "object", *, labels: int) -> Engine:
    """The engine *name* with models (`training.Model`)."""
    from huifang.textanalysis.engines import fused, tfidf

    models = tfidf.Models(topics=topics, sentiment=sentiment, labels=labels)  # type: ignore[arg-type]
    if name == TFIDF:
        return tfidf.LearntEngine(models, own=own_names())
    return fused.engine(models, own=own_names())


def _made(name: str, active: dict[str, int]) -> Engine:
    from huifang.textanalysis import model_files

    rows = {kind: LearntModel.objects.get(pk=pk) for kind, pk in active.items()}
    topics, sentiment = (
        model_files.read(bytes(rows[kind].content or b""), name=rows[kind].version) for kind in KINDS
    )
    engine = of_models(name, topics, sentiment, labels=rows[SENTIMENT].labels)
    _log.info("texts are read by %s %s", engine.name, engine.version)
    return _asking(engine) if name == LLM and settings.LLM_URL and settings.LLM_MODEL else engine


def _asking(fallback: Engine) -> Engine:
    from huifang.textanalysis.engines import llm

    endpoint = llm.Endpoint(
        url=settings.LLM_URL,
        model=settings.LLM_MODEL,
        key=settings.LLM_KEY,
        seconds=float(settings.LLM_SECONDS),
        tokens_max=settings.LLM_TOKENS_A_DAY,
        seconds_max=_BUDGET.total_seconds(),
    )
    return llm.LlmEngine(endpoint, keeping.taxonomy(), fallback)


def embedder() -> "embedding.Embedder | None":
    """What meaning is read with, where the chosen engine reads it and it is installed."""
    return None if chosen() in (TFIDF, RULES) else embedding.embedder()

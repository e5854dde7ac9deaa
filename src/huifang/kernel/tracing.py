"""Spans of OpenTelemetry around what a process does, where the operator wants them; else nothing at all.

Wanted means: the ``otel`` extra is installed and ``OTEL_EXPORTER_OTLP_ENDPOINT`` is set, OpenTelemetry's own
setting. Names and attributes are routes, codes and counts: never an address, an id of a customer or a text.
"""

import logging
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager as Context
from contextlib import contextmanager, nullcontext
from functools import cache
from importlib.metadata import version
from importlib.util import find_spec
from typing import Any

from huifang.kernel import env

ENDPOINT = env.text(
    "OTEL_EXPORTER_OTLP_ENDPOINT",
    help="Where traces go over OTLP/HTTP, such as `http://127.0.0.1:4318`; needs the `otel` extra.",
)
_log = logging.getLogger(__name__)
Attributes = Mapping[str, str | int | bool]


def span(name: str, *, attributes: Attributes | None = None, parent: str = "") -> Context[Any]:
    """A span for the length of a block; *parent* is the ``traceparent`` header of who asked, or ""."""
    tracer = _tracer()
    return nullcontext() if tracer is None else _started(tracer, name, attributes or {}, parent)


def record(name: str, *, began: int, attributes: Attributes) -> None:
    """A span of what is over, from *began* (`time.time_ns`) to now."""
    tracer = _tracer()
    if tracer is not None:
        tracer.start_span(name, start_time=began, attributes=dict(attributes)).end()


def describe(current: Any, attributes: Attributes) -> None:
    """Add *attributes*, known only at the end, to what `span` gave."""
    if current is not None:
        current.set_attributes(attributes)


def outgoing() -> dict[str, str]:
    """Headers that tell another program which trace a request belongs to; none where there is no trace."""
    if _tracer() is None:
        return {}
    from opentelemetry.propagate import inject

    headers: dict[str, str] = {}
    inject(headers)
    return headers


@contextmanager
def _started(tracer: Any, name: str, attributes: Attributes, parent: str) -> Iterator[Any]:
    from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

    context = TraceContextTextMapPropagator().extract({"traceparent": parent}) if parent else None
    # What an exception says may name a customer: its type is enough.
    with tracer.start_as_current_span(
        name,
        context=context,
        attributes=dict(attributes),
        record_exception=False,
        set_status_on_exception=False,
    ) as current:
        try:
            yield current
        except Exception as error:
            current.set_attribute("error.type", type(error).__name__)
            raise


@cache
def _tracer() -> Any:
    """The tracer of this process, made when it is first needed: after a server has forked."""
    if not ENDPOINT:
        return None
    if find_spec("opentelemetry.exporter") is None or find_spec("opentelemetry.sdk") is None:
        _log.warning("OTEL_EXPORTER_OTLP_ENDPOINT is set, but the otel extra is not installed: no traces")
        return None
    from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
    from opentelemetry.sdk.resources import Resource
    from opentelemetry.sdk.trace import TracerProvider
    from opentelemetry.sdk.trace.export import BatchSpanProcessor

    provider = TracerProvider(resource=Resource.create({"service.name": "huifang"}))
    provider.add_span_processor(BatchSpanProcessor(OTLPSpanExporter()))
    return provider.get_tracer("huifang", version("huifang"))

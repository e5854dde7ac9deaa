"""Spans reach a collector over a real socket, and tell nothing about a customer."""

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any

import pytest
from django.test import Client

from huifang.kernel import http, tracing

pytestmark = pytest.mark.django_db


@pytest.fixture
def collected(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[bytes]]:
    """The bodies that a collector was sent."""
    bodies: list[bytes] = []

    class Collector(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            bodies.append(self.rfile.read(int(self.headers["content-length"])))
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Collector)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    endpoint = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", endpoint)
    monkeypatch.setattr(tracing, "ENDPOINT", endpoint)
    tracing._tracer.cache_clear()
    yield bodies
    tracing._tracer().span_processor.shutdown()
    tracing._tracer.cache_clear()
    server.shutdown()
    server.server_close()


def _spans(bodies: list[bytes]) -> list[Any]:
    from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest

    requests = [ExportTraceServiceRequest.FromString(body) for body in bodies]
    return [
        span
        for each in requests
        for group in each.resource_spans
        for scope in group.scope_spans
        for span in scope.spans
    ]


def _flush() -> None:
    tracing._tracer().span_processor.force_flush()


def test_a_request_continues_the_trace_of_who_asked_and_hides_its_token(collected: list[bytes]) -> None:
    trace_id = "4bf92f3577b34da6a3ce929d0e0e4736"
    reply = Client().get(
        "/s/AAAAAAAAAAEabcdefghijklmnopqrstu/", headers={"traceparent": f"00-{trace_id}-00f067aa0ba902b7-01"}
    )
    assert reply.headers["X-Request-Id"]
    _flush()
    (span,) = _spans(collected)
    assert span.trace_id.hex() == trace_id
    attributes = {each.key: each.value for each in span.attributes}
    assert attributes["http.status"].int_value == reply.status_code
    assert b"AAAAAAAAAAEabc" not in b"".join(collected)


def test_a_span_of_what_failed_names_the_error_and_not_its_text(collected: list[bytes]) -> None:
    with pytest.raises(ValueError, match="lin"), tracing.span("fact CustomerRefused"):
        raise ValueError("lin@example.org")
    tracing.record("loop delivery-sms", began=1, attributes={"count": 3})
    _flush()
    assert {span.name for span in _spans(collected)} == {"fact CustomerRefused", "loop delivery-sms"}
    assert b"ValueError" in b"".join(collected)
    assert b"lin@example.org" not in b"".join(collected)


def test_another_program_is_told_which_trace_it_works_for(collected: list[bytes]) -> None:
    with tracing.span("request") as span:
        number = format(span.get_span_context().trace_id, "032x")
        assert number in tracing.outgoing()["traceparent"]


def test_without_an_endpoint_nothing_is_made() -> None:
    assert tracing.outgoing() == {}
    with tracing.span("request") as span:
        assert span is None


def test_a_number_of_the_proxy_is_taken_over_and_a_strange_one_is_not() -> None:
    given = Client().get("/healthz/nothing", headers={"X-Request-Id": "proxy-0123456789"})
    assert given.headers["X-Request-Id"] == "proxy-0123456789"
    strange = Client().get("/healthz/nothing", headers={"X-Request-Id": "a b\tc"})
    assert strange.headers["X-Request-Id"] != "a b\tc"


def test_a_request_to_a_provider_is_a_span_and_hands_the_trace_on(collected: list[bytes]) -> None:
    heard: list[dict[str, str]] = []

    class Provider(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            heard.append({name.lower(): value for name, value in self.headers.items()})
            self.send_response(202)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: Any) -> None:
            """Nothing on the terminal."""

    server = HTTPServer(("127.0.0.1", 0), Provider)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    url = f"http://127.0.0.1:{server.server_port}/to/13800001111"
    try:
        with tracing.span("loop delivery-sms"):
            http.send(http.Request(method="POST", url=url, headers={"x-kept": "yes"}))
    finally:
        server.shutdown()
        server.server_close()
    _flush()
    spans = {span.name: span for span in _spans(collected)}
    assert spans["send"].parent_span_id == spans["loop delivery-sms"].span_id
    assert heard[0]["x-kept"] == "yes"
    assert heard[0]["traceparent"].split("-")[1:3] == [
        spans["send"].trace_id.hex(),
        spans["send"].span_id.hex(),
    ]
    told = {each.key: each.value for each in spans["send"].attributes}
    assert told["http.status"].int_value == 202
    assert b"13800001111" not in b"".join(collected)

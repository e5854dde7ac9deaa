"""What the gateway counts, for Prometheus. Labels are few and fixed: never a customer, never a name."""

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()
requests = Counter(
    "huifang_gateway_requests", "Requests by path and status.", ["path", "status"], registry=registry
)
accepted = Counter("huifang_gateway_accepted", "Messages acknowledged as stored.", registry=registry)
rejected = Counter("huifang_gateway_rejected", "Messages rejected, by code.", ["code"], registry=registry)
ignored = Counter("huifang_gateway_ignored", "Messages that are understood but of no use.", registry=registry)
waiting = Gauge("huifang_gateway_waiting", "Messages that wait for the database.", registry=registry)
flushes = Histogram(
    "huifang_gateway_flush_requests",
    "Requests that shared one commit.",
    buckets=(1, 2, 4, 8, 16, 32, 64, 128),
    registry=registry,
)
flush_seconds = Histogram("huifang_gateway_flush_seconds", "Time that one commit took.", registry=registry)


def text() -> bytes:
    """All of it, in Prometheus' format."""
    return generate_latest(registry)

"""The settings of the events room. No Django."""

from huifang.kernel import env

AGE_DAYS_MAX = env.integer(
    "EVENTS_AGE_DAYS_MAX", default=400, help="Events that happened longer ago are rejected as too old."
)
KEPT_DAYS = env.integer("EVENTS_KEPT_DAYS", default=730, help="Storage period of events, in days.")
REJECTED_KEPT_DAYS = env.integer(
    "EVENTS_REJECTED_KEPT_DAYS", default=30, help="Storage period of rejected events, in days."
)
QUEUE_MAX = env.integer(
    "GATEWAY_QUEUE_MAX",
    default=50_000,
    help="Messages that one gateway holds while they wait for the database; beyond that clients get 429.",
)
PER_SECOND_MAX = env.integer(
    "GATEWAY_PER_SECOND_MAX",
    default=0,
    help="Messages a second that one gateway takes from one write key; 0 means no limit.",
)
METRICS_TOKEN = env.text(
    "HUIFANG_METRICS_TOKEN", help="Bearer token for /metrics; without it only this machine may read them."
)
DATABASE_URL = env.text(
    "DATABASE_URL", help="Your own PostgreSQL server; without it an embedded one is started."
)

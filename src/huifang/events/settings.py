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
KAFKA_BROKERS = env.text(
    "KAFKA_BROKERS", help="Kafka's brokers, HOST:PORT,… With it `huifang up` also runs `huifang stream`."
)
KAFKA_TOPICS = env.words("KAFKA_TOPICS", help="Topics that events are read from, separated by commas.")
KAFKA_GROUP = env.text("KAFKA_GROUP", default="huifang", help="Consumer group that all streams share.")
KAFKA_SECURITY = env.text(
    "KAFKA_SECURITY", default="PLAINTEXT", help="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL."
)
KAFKA_SASL = env.text("KAFKA_SASL", default="PLAIN", help="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512.")
KAFKA_USERNAME = env.text("KAFKA_USERNAME", help="User name for SASL.")
KAFKA_PASSWORD = env.text("KAFKA_PASSWORD", help="Password for SASL.")
KAFKA_CA_FILE = env.text("KAFKA_CA_FILE", help="File with the certificates that the brokers are known by.")
KAFKA_BATCH_MAX = env.integer(
    "KAFKA_BATCH_MAX", default=500, help="Messages of Kafka that share one commit to the database."
)
KAFKA_SESSION_SECONDS = env.integer(
    "KAFKA_SESSION_SECONDS",
    default=45,
    help="A stream that is not heard of for so long loses its partitions.",
)

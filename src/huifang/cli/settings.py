"""Settings of the programs that serve, read when one of them starts."""

from huifang.kernel import env
from huifang.kernel.postgres import binaries

WEB_WORKERS = env.integer("HUIFANG_WEB_WORKERS", default=1, help="Processes that serve the web.")
WEB_THREADS = env.integer("HUIFANG_WEB_THREADS", default=8, help="Threads of each process of the web.")
GATEWAY_WORKERS = env.integer("HUIFANG_GATEWAY_WORKERS", default=1, help="Processes that take in events.")
PG_BIN = binaries.named_folder()

"""The gateway process: events under /v1/, and callbacks of providers under the paths of this table."""

import logging.config

from huifang.events import body
from huifang.events.exchange import Handler, Scope, Send
from huifang.events.gateway import Gateway
from huifang.kernel import logs, tracing

# Path to an async function from `Request` to `Reply` (see huifang.events.exchange).
ROUTES: dict[str, Handler] = {}

logging.config.dictConfig(logs.configuration())
gateway = Gateway(routes=ROUTES)


async def app(scope: Scope, receive: body.Receive, send: Send) -> None:
    """The gateway, with a span around each request where traces are wanted."""
    if scope["type"] != "http" or not tracing.ENDPOINT:
        await gateway(scope, receive, send)
        return
    parent = dict(scope["headers"]).get(b"traceparent", b"").decode("latin-1")
    with tracing.span("ingest", parent=parent):
        await gateway(scope, receive, send)

"""The gateway process: events under /v1/, and callbacks of providers under the paths of this table."""

from huifang.events.gateway import Gateway, Handler

# Path to an async function from `Request` to `Reply` (see huifang.events.gateway).
ROUTES: dict[str, Handler] = {}

app = Gateway(routes=ROUTES)

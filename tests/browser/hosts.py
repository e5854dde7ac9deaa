"""A page of somebody else: another origin than the product's, under a strict policy of its own."""

import json
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any

_PAGE = """<!doctype html><html lang="{language}"><meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1"><title>Wallet</title>
<body><h1>Spruce Wallet</h1><p><a id="here" href="#here">Balance 1,024.00</a></p>
<script src="{product}/widget.js" {data} async></script></body></html>"""


class Host:
    """The wallet's web server. Its pages let scripts come from, and speak to, *product* only."""

    def __init__(self, product: str) -> None:
        self._product, self._pages = product, dict[str, str]()
        host = self
        policy = (
            f"default-src 'none'; script-src {product}; connect-src {product}; base-uri 'none'; "
            "require-trusted-types-for 'script'"
        )

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                body = host._pages.get(self.path, "").encode()
                self.send_response(200 if body else 404)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Security-Policy", policy)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: Any) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        # The other name of this machine: to a browser, another site.
        other = "127.0.0.1" if "localhost" in product else "localhost"
        self.origin = f"http://{other}:{self._server.server_port}"
        Thread(target=self._server.serve_forever, daemon=True).start()

    def page(self, language: str, **data: str) -> str:
        """The address of a page that embeds the widget with these ``data-`` attributes."""
        path = f"/{len(self._pages)}"
        given = " ".join(f"data-{name}={json.dumps(value)}" for name, value in data.items())
        self._pages[path] = _PAGE.format(language=language, product=self._product, data=given)
        return f"{self.origin}{path}"

    def stop(self) -> None:
        """Serve no more."""
        self._server.shutdown()
        self._server.server_close()

"""A server on a real socket that speaks the chat protocol, well or badly, as a test tells it."""

import json
import re
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import jsonschema

COMMENT = re.compile(r'<comment number="(\d+)">(.*?)</comment>', re.DOTALL)
Answer = Callable[[dict[int, str]], Any]


class Chat(ThreadingHTTPServer):
    """Keeps what it was asked; *answer* makes results from the comments, *status* and *delay* spoil it."""

    daemon_threads = True

    def __init__(self, answer: Answer) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.answer, self.status, self.delay = answer, 200, 0.0
        self.raw: bytes | None = None
        self.requests: list[dict[str, Any]] = []
        self.keys: list[str] = []

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}/v1"


class Handler(BaseHTTPRequestHandler):
    """Answers ``POST /v1/chat/completions`` and refuses what such endpoints refuse."""

    server: Chat

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server.requests.append(asked)
        self.server.keys.append(self.headers.get("authorization", ""))
        schema = asked["response_format"]["json_schema"]["schema"]
        jsonschema.Draft202012Validator.check_schema(schema)
        time.sleep(self.server.delay)
        user = next(each["content"] for each in asked["messages"] if each["role"] == "user")
        comments = {int(number): text for number, text in COMMENT.findall(user)}
        content = json.dumps(self.server.answer(comments), ensure_ascii=False)
        message = {"role": "assistant", "content": content}
        body = (
            self.server.raw
            or json.dumps(
                {
                    "id": "chatcmpl-1",
                    "object": "chat.completion",
                    "model": asked["model"],
                    "choices": [{"index": 0, "message": message, "finish_reason": "stop"}],
                    "usage": {"prompt_tokens": 100, "completion_tokens": 20, "total_tokens": 120},
                }
            ).encode()
        )
        status = self.server.status if self.path == "/v1/chat/completions" else 404
        self.send_response(status)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except OSError:
            return

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


@contextmanager
def serving(answer: Answer) -> Iterator[Chat]:
    """A running server; gone afterwards."""
    server = Chat(answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()

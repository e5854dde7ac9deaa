"""How the demo wallet speaks to Huifang: events to the gateway, in-app messages from the API. No Django."""

from base64 import b64encode

import httpx

from huifang.demo.behaviour import Message
from huifang.demo.environment import Surroundings
from huifang.demo.providers import Arrival


class WalletClient:
    """The wallet's back end and its app, over HTTP."""

    def __init__(self, surroundings: Surroundings) -> None:
        self._at = surroundings
        self._http = httpx.Client(timeout=10, trust_env=False)

    def send(self, messages: list[Message]) -> None:
        """Hand *messages* to the gateway as one batch. Raises `httpx.HTTPError` unless it keeps them.

        Without ``sentAt``: in compressed time the way to the gateway looks like a clock that is hours off.
        """
        key = b64encode(f"{self._at.keys.write_key}:".encode()).decode()
        self._http.post(
            f"{self._at.gateway_url}/v1/batch",
            json={"batch": messages},
            headers={"Authorization": f"Basic {key}"},
        ).raise_for_status()

    def inbox(self, external_id: str) -> list[Arrival]:
        """One customer's in-app messages, as the wallet's app fetches them."""
        reply = self._http.get(
            f"{self._at.web_url}/api/v1/customers/{external_id}/inbox",
            headers={"Authorization": f"Bearer {self._at.keys.api_key}"},
        )
        if reply.status_code != httpx.codes.OK:
            return []
        return [
            Arrival(
                key=f"in_app-{item['id']}",
                channel="in_app",
                address=external_id,
                subject=item["subject"],
                body=item["body"] if item["link"] in item["body"] else f"{item['body']}\n{item['link']}",
            )
            for item in reply.json()["messages"]
        ]

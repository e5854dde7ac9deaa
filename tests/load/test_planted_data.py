"""Marked personal data is planted wherever a wallet, a customer or a provider can say it; then all that was
written is searched for it: logs, facts, files, and every column of every table."""

import http.client
import json
import time
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pyarrow.parquet
import pytest
from tests.contract.delivery.providers import Answer, Posted, http_provider
from tests.integration.test_start import ENVIRONMENT, Product, huifang
from tests.load.havoc import Havoc, last_line, rows, set_up
from tests.places import reachable_folder

from huifang.kernel import processes

pytestmark = pytest.mark.slow
PHONE, MAIL, CARD, PERSON = "13794613825", "marked.person@spruce.test", "6217946138250004", "欧阳盼春"
ID_CARD, TOKEN = "110105199003079616", "device-token-94613825"
MARKS = (PHONE, "1379461", MAIL, CARD, PERSON, ID_CARD, TOKEN)
WORDS = f"打 {PHONE}，我叫{PERSON}，卡号 {CARD}，身份证 {ID_CARD}，邮箱 {MAIL}。等了半天也没到账"
# What is kept in the database as it was said: a customer's own answer, and what the wallet itself sent as
# free text, as wording, or in a place where no personal data can be meant.
AS_SAID = {
    ("questionnaires_answer", "text"),
    ("customers_customer", "traits"),
    ("customers_consententry", "wording"),
    ("customers_consentstate", "wording"),
    ("events_event", "properties"),
    ("events_event_undated", "properties"),
    ("events_rejectedevent", "kind"),
    ("events_rejectedevent", "external_id"),
}
SECONDS = 150.0


@pytest.fixture
def product(monkeypatch: pytest.MonkeyPatch) -> Iterator[Product]:
    monkeypatch.setitem(ENVIRONMENT, "HUIFANG_PRIVATE_PROVIDERS", "127.0.0.1")
    monkeypatch.setitem(ENVIRONMENT, "HUIFANG_LOG_FORMAT", "json")
    monkeypatch.setitem(ENVIRONMENT, "HUIFANG_LOG_LEVEL", "DEBUG")
    with reachable_folder() as made:
        running = Product(made / "data")
        yield running
        if not running.has_ended():
            running.process.terminate()
            running.process.wait(60)


def send(port: int, method: str, path: str, body: str = "", **headers: str) -> int:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        connection.request(method, path, body.encode(), {"Content-Type": "application/json"} | headers)
        reply = connection.getresponse()
        reply.read()
        return reply.status
    finally:
        connection.close()


def plant_events(havoc: Havoc) -> None:
    """A customer with every kind of personal trait, free texts in events, and batches that are refused."""
    port = havoc.product.gateway_port
    consents = [{"purpose": "service_follow_up", "given": True, "wording": f"May we call {PHONE}?"}]
    traits = {
        "phone": PHONE, "email": MAIL, "name": PERSON, "idNumber": ID_CARD, "deviceToken": TOKEN,
        "address": f"{PERSON} 收", "bankCard": CARD, "note": WORDS,
        "timezone": havoc.zone, "consents": consents,
    }  # fmt: skip
    batch = [
        {"type": "identify", "userId": "marked", "messageId": "i-1", "traits": traits},
        {"type": "track", "userId": "marked", "messageId": "t-1", "event": "Payment Completed",
         "properties": {"note": WORDS, "payee": {"phone": PHONE, "name": PERSON}, "card": CARD}},
        {"type": "track", "userId": "marked", "messageId": "t-3", "timestamp": PHONE, "event": "x",
         "properties": {"phone": PHONE}},
        {"type": PHONE, "userId": MAIL},
    ]  # fmt: skip
    headers = {"Authorization": havoc.write_key}
    assert send(port, "POST", "/v1/batch", json.dumps({"batch": batch}), **headers) == 200
    broken = json.dumps({"batch": batch})[:-40]
    assert send(port, "POST", "/v1/batch", broken, **headers) == 400
    assert send(port, "POST", f"/v1/{PHONE}", "{}", **headers) == 404
    assert (
        send(port, "POST", "/v1/batch", json.dumps({"batch": batch}), Authorization=f"Basic {PHONE}") == 401
    )


def plant_requests(havoc: Havoc) -> None:
    """Addresses, queries and bodies that are refused, or find nothing."""
    port = havoc.product.port
    for path in (
        f"/customers/{PHONE}",
        f"/s/{PHONE}",
        f"/nothing/{quote(PERSON)}",
        f"/s/x?mail={quote(MAIL)}",
    ):
        assert send(port, "GET", path) in {301, 302, 404}
    assert havoc.api("GET", f"/customers/{MAIL}")[0] == 404
    assert havoc.api("GET", f"/customers?q={PHONE}")[0] == 200
    assert havoc.api("POST", "/segments", {"name": WORDS, "definition": PHONE})[0] == 422
    assert havoc.api("POST", "/texts", {"texts": [{"key": "a", "text": WORDS}]})[0] == 202


def plant_files(product: Product, folder: Path) -> None:
    """Files of customers and of old feedback, some rows of which cannot be used."""
    people = folder / "people.csv"
    people.write_text(
        f"id,phone,email,name\nfiled,{PHONE},{MAIL},{PERSON}\n,{PHONE},{MAIL},{PERSON}\n", "utf-8"
    )
    said = huifang(product.folder, "import", "customers", str(people))
    assert "1" in said.stdout, said.stderr


def refuse_with_the_number(posted: Posted) -> Answer:
    """A provider that tells the whole message back in its fault."""
    return Answer(status=400, body={"error": f"cannot reach {posted.json['to']}: {posted.json['text']}"})


def found_in(text: str) -> list[str]:
    return [mark for mark in MARKS if mark in text]


def in_files(folder: Path) -> Iterator[str]:
    """Every file that was written, but PostgreSQL's own: facts are read, others searched as they are."""
    for path in sorted(folder.rglob("*")):
        if not path.is_file() or "pg" in path.relative_to(folder).parts[:1]:
            continue
        if path.suffix == ".parquet":
            text = repr(pyarrow.parquet.read_table(path).to_pylist())
        else:
            text = path.read_bytes().decode("utf-8", "replace")
        yield from (f"{path.name}: {mark}" for mark in found_in(text))


def in_tables(folder: Path) -> Iterator[str]:
    columns = rows(
        folder,
        "SELECT c.table_name, c.column_name FROM information_schema.columns c"
        " JOIN pg_tables t ON t.tablename = c.table_name AND t.schemaname = 'public'"
        " WHERE c.table_schema = 'public' ORDER BY 1, 2",
    )
    for table, column in columns:
        if (table, column) in AS_SAID:
            continue
        for mark in MARKS:
            for form in (mark, mark.encode().hex()):
                query = f'SELECT count(*) FROM "{table}" WHERE "{column}"::text LIKE %s'
                if rows(folder, query, f"%{form}%")[0][0]:
                    yield f"{table}.{column}: {mark}"


def test_no_log_file_or_column_holds_what_was_planted(product: Product, tmp_path: Path) -> None:
    api_key = last_line(product, "api-key", "create", "--name", "planted", "--role", "admin")
    write_key = last_line(product, "write-key", "create", "--name", "planted")
    havoc = Havoc(product, write_key=write_key, api_key=api_key, seed=1)
    with http_provider(havoc.provider) as provider:
        set_up(havoc, f"{provider.url}/send")
        plant_events(havoc)
        plant_requests(havoc)
        plant_files(product, tmp_path)
        assert processes.wait_until(lambda: bool(havoc.told.received), seconds=SECONDS), product.said()
        link = havoc.told.received[0][2]
        form = {"q": "words", "a.satisfied": "1", "a.words": WORDS}
        headers = {"Content-Type": "application/x-www-form-urlencoded"}
        assert (
            send(product.port, "POST", link, urlencode({"q": "satisfied", "a.satisfied": "1"}), **headers)
            == 303
        )
        assert send(product.port, "POST", link, urlencode(form), **headers) in {200, 303}
        provider.answer = refuse_with_the_number
        account = havoc.api("GET", "/channel-accounts")[1]["accounts"][0]["id"]
        havoc.api("POST", f"/channel-accounts/{account}/trial", {"to": f"+86{PHONE}"})

    def is_read() -> bool:
        found = rows(product.folder, "SELECT count(*), count(found_at) FROM textanalysis_finding")[0]
        return bool(found[0] >= 2 and found[0] == found[1])

    assert processes.wait_until(is_read, seconds=SECONDS), product.said()
    (product.folder / "facts").mkdir(exist_ok=True)
    assert processes.wait_until(
        lambda: any((product.folder / "facts").rglob("*.parquet")), seconds=SECONDS
    ), product.said()
    time.sleep(1)
    in_the_base = list(in_tables(product.folder))
    assert rows(product.folder, "SELECT count(*) FROM questionnaires_answer WHERE text LIKE %s", f"%{PHONE}%")
    product.process.terminate()
    product.process.wait(60)
    found = [*in_the_base, *(f"log: {mark}" for mark in found_in(product.said())), *in_files(product.folder)]
    assert not found, "\n".join(found)

"""``/metrics``: what Prometheus can read, what is counted, who may see it, what dashboards ask for."""

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
import yaml
from conftest import NewDatabase
from prometheus_client.parser import text_string_to_metric_families
from promql_parser import parse
from pydantic import SecretStr
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.dreamers import MONDAY, Clock, Dreamer, dreaming
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person, until

from app.main import create_app
from app.meters import Meters
from app.settings import Settings
from app.storage.migrations import migrate

DEPLOY = Path(__file__).parents[3] / "deploy"
TOKEN = "a token for Prometheus"
ADMIN = "watch@example.com"
OUTBOX_IS_KEPT = "SELECT EXISTS (SELECT FROM pg_trigger WHERE tgname ~ '^graph_')"
OF_PROMETHEUS = {"up", "process_resident_memory_bytes", "process_cpu_seconds_total"}
PARTS_OF_NAMES = {"counter": ["_total"], "histogram": ["_bucket", "_sum", "_count"], "gauge": [""]}

Samples = dict[tuple[str, frozenset[tuple[str, str]]], float]


@pytest.fixture(scope="module")
def watched(settings: Settings) -> Iterator[str]:
    """A service that knows a token for its metrics."""
    knowing = settings.model_copy(
        update={"metrics_token": SecretStr(TOKEN), "admin_emails": (ADMIN,)}
    )
    with serving(create_app(knowing, embedder=HashingEmbedder())) as url:
        yield url


@pytest.fixture
def somebody(watched: str) -> Iterator[Person]:
    with closing(Person(watched)) as person:
        yield person


def scraped(url: str) -> tuple[str, Samples]:
    """The text, and each sample by name and labels."""
    answer = httpx.get(f"{url}/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
    answer.raise_for_status()
    return answer.text, samples(answer.text)


def samples(text: str) -> Samples:
    return {
        (sample.name, frozenset(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def value(samples: Samples, name: str, /, **labels: str) -> float:
    return samples.get((name, frozenset(labels.items())), 0.0)


def test_a_recall_and_a_write_are_counted_by_their_parts(watched: str, somebody: Person) -> None:
    before = scraped(watched)[1]
    said = {"content": "The spare key hangs in the shed.", "source": {"type": "chat", "id": "m1"}}
    for _ in range(2):
        somebody.post("/memory/trace", json=said).raise_for_status()
    somebody.recall("spare key")
    after = scraped(watched)[1]

    def grown(name: str, **labels: str) -> float:
        return value(after, name, **labels) - value(before, name, **labels)

    assert grown("sara_traces_remembered_total", outcome="stored") == 1
    assert grown("sara_traces_remembered_total", outcome="repeated") == 1
    assert grown("sara_remember_seconds_count", part="embed") == 2
    assert grown("sara_recall_seconds_count", part="vectors") == 1
    assert grown("sara_recall_seconds_count", part="total") == 1
    assert grown("sara_working_memory_looks_total", found="warm") == 1
    assert grown("sara_recall_degraded_total", part="embedder") == 0
    route = {"method": "POST", "route": "/memory/trace"}
    assert grown("sara_requests_total", **route, status="201") == 2
    assert grown("sara_request_seconds_count", **route) == 2
    assert value(after, "sara_up", part="postgres") == 1
    assert value(after, "sara_oldest_waiting_seconds", queue="heads") >= 0


def test_the_memory_that_held_sketches_take_is_told(
    watched: str, somebody: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("app.storage.sketch_cache.FEWEST_TRACES", 1)
    somebody.remember("The ladder leans on the shed.")
    before = value(scraped(watched)[1], "sara_held_sketches_bytes")
    somebody.recall("ladder")
    until(lambda: value(scraped(watched)[1], "sara_held_sketches_bytes") > before)


def test_no_word_id_or_path_of_anybody_is_in_the_text(watched: str, somebody: Person) -> None:
    trace_id = somebody.remember("Zanzibarite is a secret mineral.")
    somebody.recall("zanzibarite")
    somebody.get(f"/memory/traces/{trace_id}")
    somebody.get("/no/such/zanzibarite")
    text = scraped(watched)[0].lower()
    assert 'route="/memory/traces/{trace_id}"' in text
    assert 'route="none"' in text
    for secret in ("zanzibarite", trace_id, somebody.email):
        assert secret not in text


def test_only_the_token_and_administrators_may_read(
    watched: str, service: str, somebody: Person
) -> None:
    assert httpx.get(f"{watched}/metrics").status_code == 401
    wrong = {"Authorization": f"Bearer {TOKEN}x"}
    assert httpx.get(f"{watched}/metrics", headers=wrong).status_code == 401
    assert somebody.get("/metrics").status_code == 403
    with closing(Person(watched, email=ADMIN)) as administrator:
        assert administrator.get("/metrics").status_code == 200
    none_is_set = httpx.get(f"{service}/metrics", headers={"Authorization": "Bearer None"})
    assert none_is_set.status_code == 401


def test_a_replica_without_redis_says_so(settings: Settings, tmp_path: Path) -> None:
    lost = settings.model_copy(
        update={
            "redis_url": SecretStr(f"unix://{tmp_path}/nobody.sock"),
            "metrics_token": SecretStr(TOKEN),
        }
    )
    with serving(create_app(lost, embedder=HashingEmbedder())) as url:
        with closing(Person(url)) as person:
            person.remember("The hedge is cut in March.")
            person.recall("hedge")
        found = scraped(url)[1]
    assert value(found, "sara_up", part="redis") == 0
    assert value(found, "sara_recall_degraded_total", part="working_memory") == 1
    assert value(found, "sara_working_memory_looks_total", found="down") == 1


def test_what_a_graph_database_is_still_to_be_told_has_an_age(
    new_database: NewDatabase, refused: str
) -> None:
    """It grows while nobody listens there, and is nothing when no graph database is named."""
    fresh = new_database()
    migrate(database_url(fresh))
    update = {"metrics_token": SecretStr(TOKEN), "graph_backend": "neo4j", "neo4j_uri": refused}
    app = create_app(fresh.model_copy(update=update), embedder=HashingEmbedder())
    with serving(app) as url, closing(Person(url)) as person:
        until(lambda: scalar(fresh, OUTBOX_IS_KEPT))
        person.remember("The boats lie in the harbour.")
        earlier = scraped(url)[1]
        with looking_into(fresh) as connection:
            connection.execute(text("UPDATE graph_outbox SET noted_at = noted_at - interval '1h'"))
        later = scraped(url)[1]
    assert value(earlier, "sara_waiting", queue="graph") > 0
    assert 0 < value(earlier, "sara_oldest_waiting_seconds", queue="graph") < 3600
    assert value(later, "sara_oldest_waiting_seconds", queue="graph") > 3600
    without = fresh.model_copy(update={"metrics_token": SecretStr(TOKEN)})
    with serving(create_app(without, embedder=HashingEmbedder())) as url:
        until(lambda: not scalar(fresh, OUTBOX_IS_KEPT))
        found = scraped(url)[1]
    assert found["sara_waiting", frozenset({("queue", "graph")})] == 0
    assert found["sara_oldest_waiting_seconds", frozenset({("queue", "graph")})] == 0


@pytest.mark.anyio
async def test_a_dream_is_counted_and_timed(new_database: NewDatabase) -> None:
    """In a database of its own: no other worker takes the heads that are counted."""
    fresh = new_database()
    migrate(database_url(fresh))
    clock = Clock(MONDAY)
    async with dreaming(fresh, clock=clock) as resources:
        dreamer = await Dreamer.sign_up(resources)
        await dreamer.say("The boiler was mended by Rui.", at=MONDAY)
        clock.now = MONDAY.replace(day=3)
        assert await dreamer.dream() == ["daily 2026-06-01"]
        found = samples(resources.meters.text().decode())
    assert value(found, "sara_dreams_total", kind="daily", outcome="done") == 1
    assert value(found, "sara_dream_seconds_count", kind="daily") == 1
    assert value(found, "sara_heads_embedded_total", head="situation") == 1


def expressions() -> list[tuple[str, str]]:
    """What the dashboard and the rules ask for, each under its title."""
    board = json.loads((DEPLOY / "grafana" / "sara-memory.json").read_text())
    rules = yaml.safe_load((DEPLOY / "prometheus" / "alerts.yml").read_text())
    shown = [
        (panel["title"], target["expr"].replace("$__rate_interval", "5m"))
        for panel in board["panels"]
        for target in panel.get("targets", ())
    ]
    alarms = [(rule["alert"], rule["expr"]) for group in rules["groups"] for rule in group["rules"]]
    assert len(shown) > 10
    assert len(alarms) > 5
    for queue in ("heads", "dreams", "graph"):
        assert any(f'sara_oldest_waiting_seconds{{queue="{queue}"}}' in rule for _, rule in alarms)
    return shown + alarms


@pytest.mark.parametrize(("title", "expression"), expressions())
def test_what_dashboard_and_rules_ask_for_is_counted(title: str, expression: str) -> None:
    parse(expression)
    text = Meters().text().decode()
    known = {
        family.name + ending
        for family in text_string_to_metric_families(text)
        for ending in PARTS_OF_NAMES.get(family.type, ())
    }
    asked = set(re.findall(r"\b((?:sara|process)_[a-z_]+|up)\b", expression))
    assert asked, title
    assert asked - OF_PROMETHEUS <= known


FAILING = """
import asyncio, httpx
from fastapi import FastAPI
from app.log import configure_logging
from app.meters import Meters
from app.routes.middleware import RequestContext
from app.routes.request_meter import RequestMeter

configure_logging("json")
app = FastAPI()
app.state.resources = type("Resources", (), {"meters": Meters()})

@app.get("/secret/{name}")
async def fails(name: str) -> None:
    raise ValueError(name)

app.add_middleware(RequestMeter, tells=True)
app.add_middleware(RequestContext)

async def ask() -> None:
    transport = httpx.ASGITransport(app)
    async with httpx.AsyncClient(transport=transport, base_url="http://test") as client:
        print((await client.get("/secret/zanzibarite")).headers["x-request-id"])

asyncio.run(ask())
"""


def test_logs_for_machines_are_json_with_the_request_id_of_the_answer() -> None:
    """In a process of its own: what logs are like is decided once in each."""
    ended = subprocess.run(
        [sys.executable, "-c", FAILING], capture_output=True, text=True, check=True
    )
    lines = [json.loads(line) for line in ended.stderr.splitlines()]
    assert {line["event"] for line in lines} == {"request.answered", "request.failed"}
    assert {line["request_id"] for line in lines} == {ended.stdout.strip()}
    answered = next(line for line in lines if line["event"] == "request.answered")
    assert (answered["route"], answered["status"]) == ("/secret/{name}", 500)

"""Two replicas on one Postgres and a Redis Cluster of three, of which a node dies and comes back."""

from collections.abc import Iterator
from contextlib import closing

import httpx
import pytest
from conftest import NewDatabase
from pydantic import SecretStr
from support.databases import database_url
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import Person, until
from support.redis_cluster import Node, RedisCluster, redis_cluster

from app.errors import StartupError
from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate
from app.storage.redis_client import connect


@pytest.fixture(scope="module")
def cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisCluster]:
    with redis_cluster(tmp_path_factory.mktemp("cluster")) as running:
        yield running


@pytest.fixture(scope="module")
def replicas(new_database: NewDatabase, cluster: RedisCluster) -> Iterator[tuple[str, str]]:
    """Their URLs. Both know one secret, as replicas do."""
    settings: Settings = new_database().model_copy(
        update={"redis_url": SecretStr(cluster.url), "requests_per_minute": 1_000}
    )
    migrate(database_url(settings))
    with (
        serving(create_app(settings, embedder=HashingEmbedder())) as one,
        serving(create_app(settings, embedder=HashingEmbedder())) as other,
    ):
        yield one, other


@pytest.fixture
def people(replicas: tuple[str, str], cluster: RedisCluster) -> Iterator[dict[int, Person]]:
    """Somebody on each node, by its port."""
    found: dict[int, Person] = {}
    while len(found) < len(cluster.nodes):
        person = Person(replicas[0])
        node = home_of(person, cluster)
        if node.port in found:
            person.close()
        found.setdefault(node.port, person)
    yield found
    for person in found.values():
        person.close()


def home_of(person: Person, cluster: RedisCluster) -> Node:
    user_id = person.get("/auth/me").json()["id"]
    return cluster.node_of(f"sara:wm:{{{user_id}}}:recent")


def at(person: Person, url: str) -> Person:
    """The same person at a replica."""
    person.base_url = httpx.URL(url)
    return person


def test_what_one_replica_writes_the_other_recalls_and_forgets(
    replicas: tuple[str, str], people: dict[int, Person], cluster: RedisCluster
) -> None:
    one, other = replicas
    for person in people.values():
        trace_id = at(person, one).remember("The boat is moored at pier nine.")
        answer = at(person, other).recall("pier nine")
        assert [found["trace_id"] for found in answer["results"]] == [trace_id]
        assert answer["degraded"] == []
        assert person.get("/memory/stats").json()["working_memory"] == 1
        person.post("/memory/forget", json={"trace_id": trace_id}).raise_for_status()
        assert at(person, one).recall("pier nine")["results"] == []
        assert person.get("/memory/stats").json()["working_memory"] == 0


def test_a_killed_node_costs_its_own_people_their_working_memory_and_nobody_else(
    replicas: tuple[str, str], people: dict[int, Person], cluster: RedisCluster
) -> None:
    one, other = replicas
    for person in people.values():
        at(person, one).remember("The dog is called Bolota.")
    lost = cluster.nodes[2]
    lost.kill()
    try:
        for port, person in people.items():
            missing = ["working_memory"] if port == lost.port else []
            for url in replicas:
                until(lambda: at(person, url).recall("Bolota")["degraded"] == missing)  # noqa: B023
            assert at(person, one).remember("She likes cheese.")
            answer = at(person, other).recall("cheese")
            assert answer["results"][0]["content"] == "She likes cheese."
            assert answer["degraded"] == missing
        assert httpx.get(f"{one}/ready").json()["status"] == "degraded"
    finally:
        lost.start()
    until(lambda: all(node.knows_all() for node in cluster.nodes))
    for person in people.values():
        for url in replicas:
            until(lambda: at(person, url).recall("Bolota")["degraded"] == [])  # noqa: B023
        assert len(person.recall("Bolota")["results"]) == 2
    assert httpx.get(f"{one}/ready").json()["status"] == "ready"


def test_a_limit_is_counted_over_both_replicas(replicas: tuple[str, str]) -> None:
    with closing(Person(replicas[0])) as person:
        wrong = {"email": person.email, "password": "guess"}
        answers = [
            httpx.post(f"{replicas[n % 2]}/auth/login", json=wrong).status_code for n in range(11)
        ]
    assert answers == [401] * 10 + [429]


@pytest.mark.parametrize("url", ["redis+cluster://", "redis+cluster://host:port", "http://host"])
def test_a_url_of_no_redis_is_a_mistake_that_is_told(url: str) -> None:
    with pytest.raises(StartupError, match="redis\\+cluster://host:6379"):
        connect(url)

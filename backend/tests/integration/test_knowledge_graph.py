"""The knowledge graph over HTTP: around something, a question, the whole; paths; what edges rest on."""

from collections.abc import Iterator
from contextlib import closing
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import Connection, text
from support.databases import looking_into
from support.graphs import a_minute_after, node_id, put_edge, put_node
from support.people import Person

from app.settings import Settings

FACT = """
INSERT INTO memory_fact (user_id, subject, predicate, object, trace_id, weight, is_functional,
    valid_from, valid_to)
VALUES (:me, :subject, 'lives_in', :object, :trace, 0.9, true, :since, :until)
"""

NOTE = """
INSERT INTO note (user_id, id, title, title_key, content, trace_id, created_at, updated_at)
VALUES (:me, gen_random_uuid(), 'Boats', 'boats', 'they lie in the harbour.', :trace, now(), now())
"""


def story(connection: Connection, me: UUID) -> None:
    """Ana lived in Porto and lives in Lisbon; Bo is mentioned beside her once; Cy is on his own."""
    for name in ("Ana", "Bo", "Cy", "Porto", "Lisbon"):
        put_node(connection, me, name)
    for n, line in enumerate(
        ("Ana has moved to Porto.", "Ana has moved to Lisbon.", "Ana met Bo.")
    ):
        put_node(connection, me, line.lower(), at=a_minute_after(n), salience=0.9)
    ends = a_minute_after(1)
    put_edge(connection, me, "Ana", "Porto", "lives_in", until=ends)
    put_edge(connection, me, "Ana", "Lisbon", "lives_in", since=ends)
    for line, named in (
        ("ana has moved to porto.", ("Ana", "Porto")),
        ("ana has moved to lisbon.", ("Ana", "Lisbon")),
        ("ana met bo.", ("Ana", "Bo")),
    ):
        for name in named:
            put_edge(connection, me, line, name, "mentions", weight=0.8)


@pytest.fixture(scope="module")
def teller(service: str, settings: Settings) -> Iterator[Person]:
    """Somebody whose memory holds the story."""
    with closing(Person(service)) as person:
        tell(person, settings)
        yield person


def tell(person: Person, settings: Settings) -> None:
    me = UUID(person.get("/auth/me").json()["id"])
    with looking_into(settings) as connection:
        story(connection, me)
        for line, place, since, until in (
            ("ana has moved to porto.", "Porto", 0, a_minute_after(1)),
            ("ana has moved to lisbon.", "Lisbon", 1, None),
        ):
            ids = {"subject": node_id("Ana"), "object": node_id(place), "trace": node_id(line)}
            span = {"since": a_minute_after(since), "until": until}
            connection.execute(text(FACT), {"me": me, **ids, **span})


def graph(person: Person, **parameters: Any) -> dict[str, Any]:
    answer = person.get("/knowledge-graph", params=parameters)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def names(found: dict[str, Any]) -> list[str]:
    return [node["properties"]["name"] for node in found["nodes"]]


def told(found: dict[str, Any]) -> set[tuple[str, str, str]]:
    name = {node["id"]: node["properties"]["name"] for node in found["nodes"]}
    return {(name[e["source"]], e["type"], name[e["target"]]) for e in found["relationships"]}


def test_around_a_node_is_what_it_is_tied_to_now(teller: Person) -> None:
    found = graph(teller, centre=node_id("Ana"), depth=1)
    assert names(found)[0] == "Ana"
    assert ("Ana", "lives_in", "Lisbon") in told(found)
    assert "Cy" not in names(found)
    assert not {edge for edge in told(found) if edge[1:] == ("lives_in", "Porto")}
    assert found["degraded"] == []


def test_as_of_a_moment_it_is_what_it_was_tied_to_then(teller: Person) -> None:
    then = graph(teller, centre=node_id("Ana"), depth=1, as_of="2026-01-01T00:00:30Z")
    assert told(then) == {
        ("Ana", "lives_in", "Porto"),
        ("ana has moved to porto.", "mentions", "Ana"),
        ("ana has moved to porto.", "mentions", "Porto"),
    }
    assert "Lisbon" not in names(then)


def test_a_node_and_an_edge_say_what_they_are(teller: Person) -> None:
    found = graph(teller, centre=node_id("Ana"), depth=1)
    ana = found["nodes"][0]
    assert ana["labels"] == ["Entity", "Person"]
    assert ana["properties"]["kind"] == "person"
    (edge,) = [e for e in found["relationships"] if e["type"] == "lives_in"]
    assert edge["properties"]["weight"] == 1.0
    assert edge["properties"]["valid_from"] == "2026-01-01T00:01:00Z"
    (line,) = [n for n in found["nodes"] if n["properties"]["name"] == "ana met bo."]
    assert line["labels"] == ["Trace"]


def test_around_a_question_is_whom_it_names(teller: Person) -> None:
    assert names(graph(teller, q="What does Bo do?", depth=1))[0] == "Bo"
    assert names(graph(teller, q="Lisb", depth=0))[0] == "Lisbon", "the beginning of a name will do"


def test_the_whole_is_bounded_and_begins_with_the_best_connected(teller: Person) -> None:
    whole = graph(teller)
    assert names(whole)[0] == "Ana"
    assert set(names(whole)) >= {"Bo", "Lisbon", "ana met bo."}
    small = graph(teller, limit=3)
    assert len(small["nodes"]) == 3
    assert names(small)[0] == "Ana"


def test_the_whole_of_a_memory_that_was_never_dreamt_is_what_matters_most(person: Person) -> None:
    assert graph(person)["nodes"] == []
    person.remember("It rained.", salience=0.2)
    person.remember("My passport number has changed.", salience=0.9)
    assert names(graph(person, limit=3))[0] == "My passport number has changed."


def test_a_path_is_told_in_its_order(teller: Person) -> None:
    ends = {"from": node_id("Lisbon"), "to": node_id("Bo")}
    found = teller.get("/knowledge-graph/path", params=ends).json()
    assert names(found) == ["Lisbon", "Ana", "ana met bo.", "Bo"]
    assert found["length"] == 3
    nowhere = {"from": node_id("Lisbon"), "to": node_id("Cy")}
    none = teller.get("/knowledge-graph/path", params=nowhere).json()
    assert (none["nodes"], none["length"]) == ([], None)


def details(person: Person, one: str, other: str) -> dict[str, Any]:
    body = {"source": str(node_id(one)), "target": str(node_id(other))}
    answer = person.post("/knowledge-graph/connection-details", json=body)
    assert answer.status_code == 200, answer.text
    found: dict[str, Any] = answer.json()
    return found


def test_what_a_relation_rests_on_are_the_traces_that_say_it(teller: Person) -> None:
    found = details(teller, "Ana", "Porto")
    assert (found["source"]["properties"]["name"], found["target"]["properties"]["name"]) == (
        "Ana",
        "Porto",
    )
    (edge,) = found["relationships"]
    assert edge["properties"]["valid_to"] == "2026-01-01T00:01:00Z", "it holds no longer"
    (evidence,) = found["evidence"]
    assert evidence["content"] == "ana has moved to porto."
    assert (evidence["type"], evidence["valid_to"]) == ("lives_in", "2026-01-01T00:01:00Z")
    assert evidence["weight"] == pytest.approx(0.9)


def test_what_a_mention_rests_on_is_the_trace_itself(teller: Person) -> None:
    found = details(teller, "Bo", "ana met bo.")
    assert [item["content"] for item in found["evidence"]] == ["ana met bo."]


def test_two_without_an_edge_have_in_common_what_mentions_both(teller: Person) -> None:
    found = details(teller, "Bo", "Ana")
    assert found["relationships"] == found["evidence"] == []
    assert [item["content"] for item in found["shared"]] == ["ana met bo."]
    assert details(teller, "Bo", "Cy")["shared"] == []


def test_a_note_is_called_by_its_title(person: Person, settings: Settings) -> None:
    me = UUID(person.get("/auth/me").json()["id"])
    with looking_into(settings) as connection:
        put_node(connection, me, "they lie in the harbour.", role="note")
        ids = {"me": me, "trace": node_id("they lie in the harbour.")}
        connection.execute(text(NOTE), ids)
    (node,) = graph(person)["nodes"]
    assert (node["labels"], node["properties"]["name"]) == (["Note"], "Boats")


def test_what_cannot_be_asked_says_why(person: Person) -> None:
    both = person.get("/knowledge-graph", params={"q": "a", "centre": str(uuid4())})
    assert (both.status_code, both.json()["detail"]) == (422, "Give centre or q, not both.")
    one = str(uuid4())
    same = {"source": one, "target": one}
    assert person.post("/knowledge-graph/connection-details", json=same).status_code == 422
    for wrong in ({"limit": 0}, {"limit": 501}, {"depth": 5}, {"centre": "x"}, {"as_of": "soon"}):
        assert person.get("/knowledge-graph", params=wrong).status_code == 422


def test_a_key_that_may_only_read_reads_the_graph(teller: Person) -> None:
    key = teller.post("/auth/keys", json={"name": "reader", "scopes": ["read"]}).json()
    token = key["key"]
    headers = {"Authorization": f"Bearer {token}"}
    body = {"source": str(node_id("Ana")), "target": str(node_id("Bo"))}
    answer = teller.post("/knowledge-graph/connection-details", json=body, headers=headers)
    assert answer.status_code == 200

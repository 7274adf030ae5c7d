"""Milliseconds of the knowledge graph for somebody with a hub that everything mentions.

    python bench/graph.py [--lines 20000] [--entities 2000] [--rounds 50] [--json]

Writes a made-up graph past the service: every line mentions the hub and one of many entities, the first
of them most often. Then it asks for the whole, for what is around the hub and around a line, and for a
path. Where ``NEO4J_URI`` is set (with ``NEO4J_USER``, ``NEO4J_PASSWORD``, ``NEO4J_DATABASE``), the graph
is told there through the outbox first, which is timed, and that one is asked as well.
"""

import argparse
import asyncio
import os
import sys
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from uuid import UUID

import numpy as np
from pydantic import SecretStr
from sqlalchemy import text

from app.dependencies import Resources, recall_pipeline
from app.graph.neo4j import Neo4jGraph
from app.graph.postgres import PostgresGraph
from app.services.graph_worker import BATCH, GraphWorker
from app.services.knowledge_graph_service import KnowledgeGraphService, View
from app.storage.database import uuid_array
from app.storage.graph import GraphStore
from app.storage.graph_outbox import keep_outbox
from in_process import new_person, service
from metrics import Percentiles, json_line, percentiles
from synthetic import WordVectorEmbedder

NODES = """
INSERT INTO memory_trace (user_id, id, content, role, created_at, salience, source, meta,
    content_hash, term_count, states_preference, wording, term_codes)
SELECT CAST(:me AS uuid), n.id, 'node ' || n.number, :role, now() - n.number * interval '1 minute', 0.5,
    '{"type": "bench"}', '{}', '', 0, false, 0, ''
FROM unnest(CAST(:ids AS uuid[])) WITH ORDINALITY AS n (id, number)
"""
EDGES = """
INSERT INTO memory_edge (user_id, src, dst, type, weight, ts)
SELECT CAST(:me AS uuid), e.src, e.dst, 'mentions', e.weight, now()
FROM unnest(CAST(:src AS uuid[]), CAST(:dst AS uuid[]), CAST(:weights AS real[])) AS e (src, dst, weight)
ON CONFLICT DO NOTHING
"""
Ask = Callable[[KnowledgeGraphService], Awaitable[object]]


def main() -> int:
    arguments = _arguments()
    try:
        asyncio.run(_measure(arguments))
    except KeyboardInterrupt:
        return 130
    return 0


async def _measure(arguments: argparse.Namespace) -> None:
    neo4j = _neo4j()
    async with service(embedder=WordVectorEmbedder(dim=768)) as shared:
        me = await new_person(shared)
        if neo4j is not None:
            await keep_outbox(shared.database)
        lines, entities = await _settle(shared, me, arguments)
        told = None if neo4j is None else await _told(shared, neo4j)
        asked = _asked(me, lines, entities)
        report = {
            name: {
                way: await _timed(shared, graph, ask, arguments.rounds)
                for way, ask in asked.items()
            }
            for name, graph in {"postgres": None, "neo4j": neo4j}.items()
            if name == "postgres" or neo4j is not None
        }
    if neo4j is not None:
        await neo4j.forget(me)
        await neo4j.close()
    _print(arguments, report, told=told)


def _neo4j() -> Neo4jGraph | None:
    uri = os.environ.get("NEO4J_URI")
    if not uri:
        return None
    return Neo4jGraph(
        uri,
        user=os.environ.get("NEO4J_USER", "neo4j"),
        password=SecretStr(os.environ.get("NEO4J_PASSWORD", "")),
        database=os.environ.get("NEO4J_DATABASE", "neo4j"),
    )


async def _settle(
    shared: Resources, me: UUID, arguments: argparse.Namespace
) -> tuple[Sequence[UUID], Sequence[UUID]]:
    """Lines and entities by id; the first entity is the hub."""
    rng = np.random.default_rng(5)
    lines = [UUID(bytes=rng.bytes(16)) for _ in range(arguments.lines)]
    entities = [UUID(bytes=rng.bytes(16)) for _ in range(arguments.entities)]
    shares = 1 / np.arange(1, len(entities))
    named = 1 + rng.choice(len(entities) - 1, len(lines), p=shares / shares.sum())
    weights = [float(weight) for weight in rng.uniform(0.3, 1.0, 2 * len(lines)).round(3)]
    async with shared.database.unit_of_work() as work:
        for role, ids in (("user", lines), ("entity", entities)):
            await work.session.execute(
                text(NODES), {"me": me, "role": role, "ids": uuid_array(ids)}
            )
        ends = [entities[0]] * len(lines) + [entities[at] for at in named]
        edges = {"src": uuid_array([*lines, *lines]), "dst": uuid_array(ends), "weights": weights}
        await work.session.execute(text(EDGES), {"me": me, **edges})
    async with shared.database.autocommit() as connection:
        await connection.execute(text("ANALYZE"))
    return lines, entities


async def _told(shared: Resources, neo4j: Neo4jGraph) -> float:
    """How long it takes to tell all of it, in seconds."""
    worker = GraphWorker(shared.database, neo4j, clock=shared.clock)
    began = time.perf_counter()
    while await worker.work_off(neo4j, most=BATCH):
        pass
    return time.perf_counter() - began


def _asked(me: UUID, lines: Sequence[UUID], entities: Sequence[UUID]) -> dict[str, Ask]:
    return {
        "the whole": lambda graph: graph.show(me, View(depth=2, limit=100)),
        "around the hub": lambda graph: graph.show(me, View(2, 100, centre=entities[0])),
        "around a line, depth 4, 500 nodes": lambda graph: graph.show(
            me, View(4, 500, centre=lines[-1])
        ),
        "a path through the hub": lambda graph: graph.path(me, lines[0], lines[-1], as_of=None),
        "what ties two hubs": lambda graph: graph.connection(me, entities[0], entities[1]),
    }


async def _timed(shared: Resources, graph: Neo4jGraph | None, ask: Ask, rounds: int) -> Percentiles:
    took: list[float] = []
    for _ in range(rounds):
        async with shared.database.reading() as work:
            behind = PostgresGraph(work.session)
            asked = KnowledgeGraphService(
                graph=graph or behind,
                behind=behind,
                store=GraphStore(work.session),
                pipeline=recall_pipeline(shared, work),
                clock=lambda: datetime.now(UTC),
            )
            began = time.perf_counter()
            await ask(asked)
            took.append((time.perf_counter() - began) * 1000)
    return percentiles(took)


def _print(
    arguments: argparse.Namespace,
    report: Mapping[str, Mapping[str, Percentiles]],
    *,
    told: float | None,
) -> None:
    facts = {
        "bench": "graph",
        "lines": arguments.lines,
        "entities": arguments.entities,
        "told_seconds": told,
    }
    if arguments.json:
        stores = {s: {w: asdict(v) for w, v in ways.items()} for s, ways in report.items()}
        print(json_line(facts | {"stores": stores}))
        return
    print(", ".join(f"{name} {value}" for name, value in facts.items()))
    for store, ways in report.items():
        for way, value in ways.items():
            print(f"  {store:9} {way:34} p50 {value.p50:7.2f} ms   p95 {value.p95:7.2f} ms")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument(
        "--lines", type=int, default=20_000, help="traces, each of which mentions two"
    )
    parser.add_argument("--entities", type=int, default=2_000, help="what they mention")
    parser.add_argument("--rounds", type=int, default=50, help="how often each is asked")
    parser.add_argument("--json", action="store_true", help="print one line of JSON")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())

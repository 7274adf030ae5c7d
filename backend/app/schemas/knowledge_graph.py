"""The knowledge graph on the wire, in the shape that Sara's front end draws."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Self
from uuid import UUID

from pydantic import BaseModel, ConfigDict

from app.models import MemoryTrace
from app.services.knowledge_graph_service import Connection, GraphPicture
from app.storage.graph import Evidence, GraphEdge

LONGEST_NAME = 80
LONGEST_EXCERPT = 300
LABELS = {"entity": "Entity", "summary": "Summary", "note": "Note"}


class NodeProperties(BaseModel):
    """``name`` is what to write beside a node; ``content`` the beginning of what it says. ``kind`` is a
    person, place, organisation or thing, or the period of a summary."""

    name: str
    content: str
    role: str
    kind: str | None
    aliases: list[str]
    created_at: datetime
    salience: float
    source: dict[str, Any]


class NodeOut(BaseModel):
    """A node; its first label says what it is, a second one of which kind."""

    id: UUID
    labels: list[str]
    properties: NodeProperties

    @classmethod
    def of(cls, node: MemoryTrace, *, title: str | None) -> Self:
        """From its row, and from the title when it is a note."""
        kind = node.meta.get("kind") if node.role in {"entity", "summary"} else None
        kind = kind if isinstance(kind, str) else None
        aliases = node.meta.get("aliases") if node.role == "entity" else None
        labels = [LABELS.get(node.role, "Trace")]
        return cls(
            id=node.id,
            labels=[*labels, kind.capitalize()] if kind else labels,
            properties=NodeProperties(
                name=title or _beginning(node.content, LONGEST_NAME),
                content=_beginning(node.content, LONGEST_EXCERPT),
                role=node.role,
                kind=kind,
                aliases=[a for a in aliases if isinstance(a, str)]
                if isinstance(aliases, list)
                else [],
                created_at=node.created_at,
                salience=node.salience,
                source=node.source,
            ),
        )


class RelationshipProperties(BaseModel):
    """How strong an edge is, when what it rests on was said, and from when to when it holds."""

    model_config = ConfigDict(from_attributes=True)

    weight: float
    ts: datetime
    valid_from: datetime | None
    valid_to: datetime | None


class RelationshipOut(BaseModel):
    """An edge between two nodes of the same answer."""

    source: UUID
    target: UUID
    type: str
    properties: RelationshipProperties

    @classmethod
    def of(cls, edge: GraphEdge) -> Self:
        """From the graph's."""
        return cls(
            source=edge.src,
            target=edge.dst,
            type=edge.type,
            properties=RelationshipProperties.model_validate(edge),
        )


class KnowledgeGraphOut(BaseModel):
    """A part of the graph, the most important nodes and the heaviest edges first; ``degraded`` names the
    parts that did not answer."""

    nodes: list[NodeOut]
    relationships: list[RelationshipOut]
    degraded: list[str]

    @classmethod
    def of(cls, picture: GraphPicture) -> Self:
        """From what was found."""
        return cls(
            nodes=_nodes(picture.nodes, picture.titles),
            relationships=[RelationshipOut.of(edge) for edge in picture.edges],
            degraded=list(picture.degraded),
        )


class PathOut(KnowledgeGraphOut):
    """A way from one node to another, in its order: ``length`` edges, null where there is none."""

    length: int | None

    @classmethod
    def of_path(cls, picture: GraphPicture | None) -> Self:
        """From what was found, if anything was."""
        if picture is None:
            return cls(nodes=[], relationships=[], degraded=[], length=None)
        found = KnowledgeGraphOut.of(picture)
        return cls(**dict(found), length=len(found.relationships))


class ConnectionDetailsIn(BaseModel):
    """Two nodes, by their ids."""

    model_config = ConfigDict(extra="forbid")

    source: UUID
    target: UUID


class EvidenceOut(BaseModel):
    """A trace that an edge of ``type`` rests on, and from when to when what it says holds."""

    type: str
    trace_id: UUID
    content: str
    role: str
    created_at: datetime
    weight: float
    valid_from: datetime | None
    valid_to: datetime | None

    @classmethod
    def of(cls, evidence: Evidence) -> Self:
        """From the store's."""
        return cls(
            type=evidence.edge_type,
            trace_id=evidence.trace.id,
            content=_beginning(evidence.trace.content, LONGEST_EXCERPT),
            role=evidence.trace.role,
            created_at=evidence.trace.created_at,
            weight=evidence.weight,
            valid_from=evidence.valid_from,
            valid_to=evidence.valid_to,
        )


class SharedOut(BaseModel):
    """A trace that has an edge to both nodes."""

    trace_id: UUID
    content: str
    role: str
    created_at: datetime

    @classmethod
    def of(cls, trace: MemoryTrace) -> Self:
        """From its row."""
        return cls(
            trace_id=trace.id,
            content=_beginning(trace.content, LONGEST_EXCERPT),
            role=trace.role,
            created_at=trace.created_at,
        )


class ConnectionDetailsOut(BaseModel):
    """What two nodes have to do with each other: the edges between them, also those that hold no longer,
    the traces that these rest on, and the traces that lead to both."""

    source: NodeOut
    target: NodeOut
    relationships: list[RelationshipOut]
    evidence: list[EvidenceOut]
    shared: list[SharedOut]

    @classmethod
    def of(cls, found: Connection) -> Self:
        """From the service's answer."""
        source, target = _nodes(found.nodes, found.titles)
        return cls(
            source=source,
            target=target,
            relationships=[RelationshipOut.of(edge) for edge in found.edges],
            evidence=[EvidenceOut.of(item) for item in found.evidence],
            shared=[SharedOut.of(trace) for trace in found.shared],
        )


def _nodes(nodes: Any, titles: Mapping[UUID, str]) -> list[NodeOut]:
    return [NodeOut.of(node, title=titles.get(node.id)) for node in nodes]


def _beginning(text: str, most: int) -> str:
    """The first characters, cut at a word where there is one."""
    text = " ".join(text[: 2 * most].split())
    if len(text) <= most:
        return text
    cut = text[: most - 1]
    return f"{cut.rsplit(' ', 1)[0] or cut}…"

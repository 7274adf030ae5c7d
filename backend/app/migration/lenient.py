"""What an old column may hold, read without complaint: nothing here raises for odd input."""

import json
from collections.abc import Iterable, Mapping
from math import isfinite
from typing import Any
from uuid import UUID, uuid5

IDS = UUID("3f1d0f0e-5f57-5c8e-9a3e-6a1d7c1b2e90")
MOST_LABELS = 10
LONGEST_LABEL = 100
MOST_LEVELS = 6  # the service takes eight, and this lies two levels deep

_ROLES = {
    "user": "user",
    "human": "user",
    "assistant": "assistant",
    "ai": "assistant",
    "bot": "assistant",
    "model": "assistant",
    "sara": "assistant",
    "system": "system",
    "tool": "tool",
    "function": "tool",
    "note": "note",
}
_TRUE = frozenset({"true", "t", "yes", "y", "1", "on"})
_LABEL_KEYS = ("name", "label", "topic", "title", "value")


def uuid_of(table: str, raw: str, *, part: int = 0) -> UUID:
    """An id as a UUID: itself where it is one as Postgres writes it, else one that is the same at every
    run. Ids that differ in case or brackets alone are two."""
    found = _as_written(raw) or uuid5(IDS, f"{table}:{raw}")
    return found if part == 0 else uuid5(found, f"part {part}")


def role_of(raw: str | None) -> str:
    """The role of today that an old one means; what nobody knows was said by the system."""
    return _ROLES.get((raw or "user").strip().casefold(), "system")


def is_true(raw: object) -> bool:
    """A boolean, or a word for one: the string 'false' is false."""
    return raw is True or str(raw).strip().casefold() in _TRUE


def json_of(raw: str | None) -> Any:
    """JSON that is held in text, or the text itself where it is none; None where there is nothing."""
    if raw is None or not raw.strip():
        return None
    try:
        found = json.loads(raw, parse_constant=lambda _: None)
    except (ValueError, RecursionError):
        return raw.strip()
    return storable(found)


def object_of(raw: str | None) -> dict[str, Any]:
    """A JSON object that is held in text; empty where it is anything else."""
    found = json_of(raw)
    return found if isinstance(found, dict) else {}


def labels_of(raw: object) -> list[str]:
    """Topics, tags or names: a list of words or objects, an object's keys, or words between commas."""
    if isinstance(raw, str):
        raw = raw.split(",")
    if isinstance(raw, Mapping):
        raw = [raw[key] for key in _LABEL_KEYS if key in raw] or list(raw)
    if not isinstance(raw, Iterable):
        return []
    return unique(label for item in raw for label in _label(item))[:MOST_LABELS]


def unique(labels: Iterable[str]) -> list[str]:
    """The first of those that differ in more than case."""
    found: dict[str, str] = {}
    for label in labels:
        found.setdefault(label.casefold(), label)
    return list(found.values())


def fraction_of(raw: float | None) -> float | None:
    """A number between 0 and 1, cut to it; None where there is none."""
    if raw is None or not isfinite(raw):
        return None
    return min(1.0, max(0.0, float(raw)))


def storable(value: Any, *, levels: int = MOST_LEVELS) -> Any:
    """JSON as a trace's meta can hold it: without NUL characters, lone surrogates and infinite numbers,
    and what lies deeper than ``levels`` as text."""
    if isinstance(value, str):
        return value.replace("\x00", "").encode("utf-8", "replace").decode()
    if isinstance(value, float):
        return value if isfinite(value) else None
    if not isinstance(value, list | dict):
        return value
    if levels == 0:
        return storable(json.dumps(value))
    if isinstance(value, list):
        return [storable(item, levels=levels - 1) for item in value]
    return {storable(key): storable(item, levels=levels - 1) for key, item in value.items()}


def _as_written(raw: str) -> UUID | None:
    try:
        found = UUID(raw)
    except ValueError:
        return None
    return found if str(found) == raw else None


def _label(item: object) -> list[str]:
    if isinstance(item, Mapping):
        return labels_of(item)[:1]
    if not isinstance(item, str | int | float) or isinstance(item, bool):
        return []
    label = " ".join(str(item).split())[:LONGEST_LABEL]
    return [label] if label else []

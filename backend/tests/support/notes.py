"""Notes as tests write and read them."""

from typing import Any

from support.people import Person


def written(person: Person, title: str, content: str = "") -> str:
    """Write a note; its id."""
    answer = person.post("/notes", json={"title": title, "content": content})
    answer.raise_for_status()
    return str(answer.json()["id"])


def note_of(person: Person, note_id: str) -> dict[str, Any]:
    """A note as it is now."""
    answer = person.get(f"/notes/{note_id}")
    answer.raise_for_status()
    found: dict[str, Any] = answer.json()
    return found


def references(person: Person, note_id: str) -> set[tuple[str, str]]:
    """The references of a note as (title of the note at the other end, direction)."""
    found = person.get(f"/notes/{note_id}/connections").json()
    return {
        (one["title"], "to" if one["source_note_id"] == note_id else "from")
        for one in found
        if one["connection_type"] == "reference"
    }

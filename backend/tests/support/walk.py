"""People who use every route of the service: one for what is theirs, one to run it."""

from contextlib import closing

import httpx

from app.settings import Settings
from support.insights import notice_something
from support.notes import written
from support.people import PASSWORD, Person

TALK = {"type": "chat", "conversation_id": "c"}
Q = {"q": "What about Lisbon?"}


def walk(person: Person, settings: Settings) -> None:
    """Everything from the first memory to the end of the account, by somebody who may dream at once.

    Raises:
        HTTPStatusError: something was refused.
    """
    person.event_hooks["response"] = [httpx.Response.raise_for_status]
    ids = remember(person)
    ask(person, ids)
    take_notes(person)
    dream(person, settings, ids)
    put_right_and_forget(person, ids)
    live_with_an_account(person)


def remember(person: Person) -> list[str]:
    """Some memories, each with all its heads; their ids."""
    ids = [
        person.remember(f"Line {n}: Ana Sousa shows us Lisbon.", source=TALK, salience=0.9)
        for n in range(4)
    ]
    ids += person.remember_many([{"content": "The ferry is late."}, {"content": "Rui is well."}])
    person.until_embedded()
    return ids


def ask(person: Person, ids: list[str]) -> None:
    """Recall, search, and look through everything."""
    person.get("/memory/recall", params=Q)
    person.get("/memory/recall", params={**Q, "as_of": "2026-01-01T00:00:00Z"})
    person.get("/memory/recall", params={**Q, "time_window": "7d", "heads": "entity"})
    person.get("/memory/context", params=Q)
    for path in ("/search", "/notes/search", "/memory/search"):
        person.get(path, params={"q": "lisbno fer"})
    for name in ("episodes", "timeline", "storage", "settings", "stats"):
        person.get(f"/memory/{name}")
    person.get("/memory/episodes", params={"pinned": True})
    person.get("/memory/traces", params={"ids": ids})
    person.get(f"/memory/traces/{ids[0]}")
    for around in ({}, Q, {"centre": ids[0]}):
        person.get("/knowledge-graph", params=around)
    person.get("/knowledge-graph/path", params={"from": ids[0], "to": ids[2]})
    ends = {"source": ids[0], "target": ids[1]}
    person.post("/knowledge-graph/connection-details", json=ends)


def take_notes(person: Person) -> None:
    """Write, link, connect, and throw away."""
    first, second, third = (
        written(person, title, f"[[Lisbon]] with Ana Sousa, {title}.")
        for title in ("Lisbon", "Ferries", "Boats")
    )
    person.until_embedded()
    person.get("/notes")
    person.get(f"/notes/{first}")
    person.put(f"/notes/{second}", json={"title": "Trams", "content": "To [[Lisbon]]."})
    person.patch(f"/notes/{first}", json={"title": "Lisboa"})
    for name in ("backlinks", "similar", "connections", "suggestions"):
        person.get(f"/notes/{first}/{name}")
    tied = person.post(f"/notes/{second}/connections", json={"target_note_id": third})
    person.request("DELETE", f"/notes/{second}/connections/{tied.json()['id']}")
    person.post(f"/notes/{second}/suggestions/{third}/accept")
    person.post(f"/notes/{first}/suggestions/{third}/dismiss")
    person.request("DELETE", f"/notes/{third}")


def dream(person: Person, settings: Settings, ids: list[str]) -> None:
    """A night, what came of it, and what faded."""
    person.post("/memory/consolidate", json={"dry_run": True})
    person.post("/memory/consolidate", json={})
    person.get("/memory/consolidations")
    insight = notice_something(settings, person)
    person.patch(f"/memory/insights/{insight}/feedback", json={"helpful": True})
    person.post(f"/memory/traces/{ids[0]}/restore")


def put_right_and_forget(person: Person, ids: list[str]) -> None:
    """Correct, take everything along, forget in every way, and bring it back."""
    person.patch(f"/memory/traces/{ids[0]}", json={"pinned": True})
    person.patch(f"/memory/traces/{ids[1]}", json={"content": "Ana Sousa shows us Porto."})
    export = person.get("/memory/export").content
    for meant in (
        {"trace_id": ids[0]},
        {"scope": "query", "query": "ferry", "k": 1, "dry_run": True},
        {"scope": "query", "query": "ferry", "k": 1},
        {"scope": "conversation", "id": TALK["conversation_id"]},
        {"scope": "range", "from": "2026-01-01", "to": "2100-01-01"},
        {"scope": "all", "include_notes": True},
    ):
        person.post("/memory/forget", json=meant)
    person.get("/memory/tombstones")
    person.post("/memory/import", content=export)


def live_with_an_account(person: Person) -> None:
    """Keys, another time zone, another device, and the end."""
    key = person.post("/auth/keys", json={"name": "agent"}).json()["id"]
    person.get("/auth/keys")
    person.request("DELETE", f"/auth/keys/{key}")
    person.patch("/auth/me", json={"timezone": "Asia/Tokyo"})
    person.get("/auth/check")
    person.get("/settings/ai")
    with httpx.Client(base_url=person.base_url) as device:
        newcomer = {"email": f"x{person.email}", "password": PASSWORD}
        device.post("/auth/register", json=newcomer).raise_for_status()
        device.post("/auth/login", json=newcomer).raise_for_status()
        device.post("/auth/logout").raise_for_status()
    person.request("DELETE", "/auth/me", json={"password": PASSWORD})


def run_the_service(admin: Person) -> None:
    """Look how it does, choose models and try them, and help somebody who has forgotten the password.

    Raises:
        HTTPStatusError: something was refused.
    """
    admin.event_hooks["response"] = [httpx.Response.raise_for_status]
    for path in ("/health", "/ready", "/metrics"):
        admin.get(path)
    admin.put("/settings/ai", json={"openai_model": "another"})
    admin.post("/settings/ai/test")
    with closing(Person(str(admin.base_url))) as other:
        reset = {"email": other.email, "password": PASSWORD[::-1]}
        admin.post("/auth/password-reset", json=reset)

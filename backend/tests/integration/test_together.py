"""Many at once: writers, readers, the worker and forgetting do not step on each other."""

from concurrent.futures import ThreadPoolExecutor

from conftest import NewPerson
from sqlalchemy import text
from support.databases import looking_into, scalar
from support.people import Person

from app.settings import Settings

CHAT = {"type": "chat", "conversation_id": "c"}


def test_the_same_thing_sent_by_many_at_once_is_one_trace(person: Person) -> None:
    body = {"content": "The boiler was serviced.", "source": {"type": "chat", "id": "x"}}
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: person.post("/memory/trace", json=body), range(16)))
    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["trace_id"] for answer in answers}) == 1
    assert person.get("/memory/stats").json()["traces"] == 1


def test_writing_recalling_and_forgetting_at_once_leaves_no_orphan(
    person: Person, settings: Settings
) -> None:
    def live(number: int) -> None:
        trace_id = person.remember(f"Parcel number {number} went to Braga.", source=CHAT)
        assert person.recall(f"parcel {number} Braga")["results"]
        person.get("/memory/recall", params={"q": "parcel to Braga"})
        if number % 2:
            assert person.post("/memory/forget", json={"trace_id": trace_id}).status_code == 200

    with ThreadPoolExecutor(6) as pool:
        list(pool.map(live, range(36)))
    person.until_embedded()
    assert person.get("/memory/stats").json()["traces"] == 18
    me = {"me": person.get("/auth/me").json()["id"]}
    of_me = "WHERE user_id = :me"
    assert scalar(settings, f"SELECT traces FROM memory_usage {of_me}", **me) == 18
    assert (
        scalar(settings, f"SELECT count(*) FROM memory_edge {of_me} AND type = 'next'", **me) == 17
    )
    assert scalar(settings, f"SELECT count(*) FROM memory_embedding {of_me}", **me) == 18 * 3
    counted = "SELECT sum(traces) FROM memory_term " + of_me
    posted = "SELECT count(*) FROM memory_posting " + of_me
    assert scalar(settings, counted, **me) == scalar(settings, posted, **me)
    terms = "SELECT sum(term_count) FROM memory_trace " + of_me
    assert scalar(settings, f"SELECT terms FROM memory_usage {of_me}", **me) == scalar(
        settings, terms, **me
    )


def test_one_persons_many_writes_leave_connections_for_others(
    person: Person, new_person: NewPerson, settings: Settings
) -> None:
    other, me = new_person(), person.get("/auth/me").json()["id"]
    person.remember("The first thing.")
    with ThreadPoolExecutor(30) as pool, looking_into(settings) as connection:
        lock = "SELECT 1 FROM memory_usage WHERE user_id = :me FOR UPDATE"
        connection.execute(text(lock), {"me": me})
        waiting = [pool.submit(person.remember, f"Thing number {n}.") for n in range(25)]
        assert other.get("/auth/me").status_code == 200
        assert other.remember("Something of my own.")
        connection.rollback()
        assert len({job.result() for job in waiting}) == 25

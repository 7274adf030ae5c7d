"""Bad input gets a 4xx that says what to do, and never a 500."""

import json

import pytest
from support.people import Person

QUERIES = {
    "empty q": ({"q": ""}, "q:"),
    "blank q": ({"q": "  "}, "q:"),
    "no q": ({}, "q:"),
    "NUL in q": ({"q": "a\x00b"}, "NUL"),
    "k=0": ({"q": "x", "k": 0}, "k:"),
    "k=1000": ({"q": "x", "k": 1000}, "k:"),
    "unknown head": ({"q": "x", "heads": "semantic,unknown"}, "semantic, entity, situation"),
    "no head": ({"q": "x", "heads": ","}, "semantic, entity, situation"),
    "banana": ({"q": "x", "time_window": "banana"}, "7d"),
    "interval turned round": ({"q": "x", "time_window": "2026-02-01/2026-01-01"}, "7d"),
    "endless count": ({"q": "x", "time_window": "99999y"}, "7d"),
    "as_of banana": ({"q": "x", "as_of": "banana"}, "as_of:"),
    "as_of at the end of time": ({"q": "x", "as_of": "9999-12-31T23:59:59-14:00"}, "1900"),
    "now at the beginning of time": ({"q": "x", "now": "0001-01-01T00:00:00+14:00"}, "1900"),
    "a window from end to end": ({"q": "x", "time_window": "0001-01-01/9999-12-31"}, "7d"),
    "role king": ({"q": "x", "role": "king"}, "role:"),
}

BODIES = {
    "broken JSON": ('{"content": ', "the body: this is not valid JSON"),
    "a list": ("[]", "body"),
    "empty content": ('{"content": ""}', "content"),
    "NUL": ('{"content": "a\\u0000b"}', "NUL"),
    "lone surrogate": ('{"content": "\\ud800"}', "surrogate"),
    "surrogate as a key": ('{"content": "x", "\\ud800": 1}', "body"),
    "NUL in meta": ('{"content": "x", "meta": {"a": ["\\u0000"]}}', "NUL"),
    "infinity in meta": ('{"content": "x", "meta": {"a": 1e999}}', "infinite"),
    "meta too deep": ('{"content": "x", "meta": ' + '{"a":' * 20 + "1" + "}" * 20 + "}", "nest"),
    "salience 7": ('{"content": "x", "salience": 7}', "salience"),
    "year 9999": ('{"content": "x", "created_at": "9999-01-01T00:00:00Z"}', "tomorrow"),
    "year 1": ('{"content": "x", "created_at": "0001-01-01T00:00:00Z"}', "1900"),
    "unknown field": ('{"content": "x", "user_id": "me"}', "user_id"),
    "brackets without end": ("[" * 100_000, "body"),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_bad_question_is_told_what_is_wrong(person: Person, name: str) -> None:
    parameters, hint = QUERIES[name]
    answer = person.get("/memory/recall", params=parameters)
    assert (answer.status_code, answer.json()["error"]) == (422, "InvalidInputError")
    assert hint in answer.json()["detail"]


@pytest.mark.parametrize("name", BODIES)
def test_a_bad_trace_is_told_what_is_wrong(person: Person, name: str) -> None:
    body, hint = BODIES[name]
    answer = person.post(
        "/memory/trace", content=body, headers={"Content-Type": "application/json"}
    )
    assert answer.status_code in {400, 422}
    assert hint in answer.json()["detail"]
    assert person.get("/memory/stats").json()["traces"] == 0


def test_bytes_that_are_no_text_are_refused(person: Person) -> None:
    headers = {"Content-Type": "application/json"}
    for path in ("/memory/trace", "/memory/traces", "/memory/forget", "/auth/login"):
        answer = person.post(path, content=b"\xff\xfe{", headers=headers)
        assert answer.status_code in {400, 422}, path


def test_too_long_a_content_says_to_split(person: Person) -> None:
    answer = person.post("/memory/trace", json={"content": "x" * 2_000_000})
    assert (answer.status_code, answer.json()["error"]) == (413, "ContentTooLargeError")
    assert "split" in answer.json()["detail"]


@pytest.mark.parametrize("path", ["/memory/trace", "/memory/traces"])
def test_too_large_a_body_is_refused_announced_or_not(person: Person, path: str) -> None:
    body = json.dumps({"content": "x" * 10_000_000}).encode()
    announced = person.post(path, content=body)
    streamed = person.post(path, content=iter([body[:5_000_000], body[5_000_000:]]))
    assert [announced.status_code, streamed.status_code] == [413, 413]
    assert announced.json()["error"] == "ContentTooLargeError"


def test_a_batch_has_between_one_and_a_thousand_items(person: Person) -> None:
    assert person.post("/memory/traces", json=[]).status_code == 422
    assert person.post("/memory/traces", json=[{"content": "x"}] * 1001).status_code == 422


def test_a_small_body_of_very_many_items_is_refused_unread(person: Person) -> None:
    for body in (b"1\n" * 300_000, b"[" + b"1," * 300_000 + b"1]"):
        answer = person.post("/memory/traces", content=body)
        assert answer.status_code == 422
        assert "1 to 1,000" in answer.json()["detail"]


def test_the_smallest_salience_is_none(person: Person) -> None:
    trace_id = person.remember("hardly worth a thought", salience=1e-50)
    assert person.get(f"/memory/traces/{trace_id}").json()["salience"] == 0


def test_a_malformed_id_is_told_apart_from_an_unknown_one(person: Person) -> None:
    assert person.get("/memory/traces/nope").status_code == 422
    unknown = person.get("/memory/traces/00000000-0000-0000-0000-000000000000")
    assert (unknown.status_code, unknown.json()["error"]) == (404, "NotFoundError")


def test_a_slash_at_the_end_is_accepted(person: Person) -> None:
    assert person.get("/memory/stats/").status_code == 200
    assert person.post("/memory/trace/", json={"content": "a slash"}).status_code == 201


def test_hostile_text_is_plain_data(person: Person) -> None:
    text = "'; DROP TABLE memory_trace; -- {{7*7}} <script>alert(1)</script> %s \\x00 :name"
    trace_id = person.remember(text)
    assert person.get(f"/memory/traces/{trace_id}").json()["content"] == text
    assert person.contents(text, k=1) == [text]


@pytest.mark.parametrize("path", ["/memory/trace", "/memory/forget"])
def test_a_forgotten_content_type_is_named(person: Person, path: str) -> None:
    form = {"Content-Type": "application/x-www-form-urlencoded"}
    for body, headers in (('{"content": "x"}', form), ("[]", {"Content-Type": "application/json"})):
        answer = person.post(path, content=body, headers=headers)
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith("body: Input should be a valid dictionary")
        assert "Content-Type" in answer.json()["detail"]


def test_an_object_is_not_told_of_its_content_type(person: Person) -> None:
    answer = person.post("/memory/forget", json={"scope": "some of it"})
    assert answer.json()["detail"] == (
        "body: scope must be trace, source, conversation, range, query or all"
    )


def test_too_short_a_password_is_told_in_characters(person: Person) -> None:
    answer = person.post("/auth/signup", json={"email": "a@example.com", "password": "a"})
    told = "password: String should have at least 8 characters"
    assert (answer.status_code, answer.json()["detail"]) == (422, told)


def test_too_long_a_text_is_told_in_characters(person: Person) -> None:
    for path, name in (("/search", "q"), ("/search", "source"), ("/memory/recall", "source")):
        answer = person.get(path, params={"q": "x", name: "y" * 9_000})
        assert answer.status_code == 422
        assert answer.json()["detail"].startswith(f"{name}: String should have at most ")
        assert answer.json()["detail"].endswith(" characters")
    source = {"type": "y" * 201}
    batch = person.post("/memory/traces", json=[{"content": "x", "source": source}])
    assert batch.json()["detail"] == (
        "item 0.source.type: String should have at most 200 characters"
    )

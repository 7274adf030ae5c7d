"""One's own account: sessions that end, API keys, a pause, a new password, and the end of it all."""

from contextlib import closing
from datetime import UTC, datetime
from uuid import UUID, uuid4

import httpx
import pytest
import redis
from conftest import NewDatabase, NewPerson
from prove_forgotten import Hunt, look_everywhere
from pydantic import SecretStr
from sqlalchemy import text
from support.databases import database_url, looking_into, scalar
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

from app.main import create_app
from app.services.api_keys import MOST_KEYS
from app.settings import Settings
from app.storage.migrations import migrate

NEW_PASSWORD = "another long enough one"


def status_of(person: Person, token: str) -> int:
    return person.get("/auth/me", headers={"Authorization": f"Bearer {token}"}).status_code


def log_in(person: Person, password: str = PASSWORD) -> httpx.Response:
    answer = person.post("/auth/login", json={"email": person.email, "password": password})
    person.cookies.clear()
    return answer


def key_of(person: Person, *scopes: str) -> str:
    body = {"name": "agent", **({"scopes": scopes} if scopes else {})}
    answer = person.post("/auth/keys", json=body)
    assert answer.status_code == 201
    return str(answer.json()["key"])


def as_agent(person: Person, key: str) -> httpx.Client:
    return httpx.Client(base_url=person.base_url, headers={"Authorization": f"Bearer {key}"})


def test_logging_out_ends_this_session_and_no_other(person: Person) -> None:
    one, other = (log_in(person).json()["access_token"] for _ in range(2))
    gone = person.post("/auth/logout", headers={"Authorization": f"Bearer {one}"})
    assert gone.status_code == 204
    assert (status_of(person, one), status_of(person, other)) == (401, 200)
    assert person.post("/auth/logout", headers={"Authorization": "Bearer x"}).status_code == 204


def test_a_new_password_ends_every_other_session(person: Person) -> None:
    other = log_in(person).json()["access_token"]
    body = {"password": NEW_PASSWORD, "current_password": PASSWORD}
    changed = person.patch("/auth/me", json=body)
    assert changed.status_code == 200
    assert "access_token" in changed.headers["set-cookie"]
    person.cookies.clear()
    assert status_of(person, other) == 401
    assert person.get("/auth/me").status_code == 401
    assert status_of(person, changed.json()["access_token"]) == 200
    assert (log_in(person).status_code, log_in(person, NEW_PASSWORD).status_code) == (401, 200)


@pytest.mark.parametrize("current", ["wrong", None])
def test_a_new_password_needs_the_old_one(person: Person, current: str | None) -> None:
    body = {"password": NEW_PASSWORD} | ({"current_password": current} if current else {})
    assert person.patch("/auth/me", json=body).status_code == (401 if current else 422)
    assert log_in(person).status_code == 200


def test_the_password_cannot_be_guessed_from_within_either(person: Person) -> None:
    body = {"password": NEW_PASSWORD, "current_password": "guess"}
    answers = [person.patch("/auth/me", json=body).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]


def test_the_time_zone_is_changed_and_checked(person: Person) -> None:
    assert person.patch("/auth/me", json={"timezone": "Asia/Tokyo"}).status_code == 200
    assert person.get("/auth/me").json()["timezone"] == "Asia/Tokyo"
    for nonsense in (
        "Mars/Olympus",
        "../etc/passwd",
        "",
        "\0",
        "localtime",
        "zone.tab",
        "posix/UTC",
    ):
        assert person.patch("/auth/me", json={"timezone": nonsense}).status_code == 422


def test_an_account_is_made_in_a_time_zone(service: str) -> None:
    body = {"email": f"{uuid4().hex}@example.com", "password": PASSWORD}
    nowhere = httpx.post(f"{service}/auth/signup", json=body | {"timezone": "Mars/Olympus"})
    assert (nowhere.status_code, "IANA" in nowhere.json()["detail"]) == (422, True)
    somewhere = httpx.post(f"{service}/auth/signup", json=body | {"timezone": "Europe/Lisbon"})
    token = {"Authorization": f"Bearer {somewhere.json()['access_token']}"}
    assert httpx.get(f"{service}/auth/me", headers=token).json()["timezone"] == "Europe/Lisbon"


def test_while_recording_is_paused_nothing_is_written(person: Person) -> None:
    person.remember("Before the pause.")
    export = person.get("/memory/export").content
    person.patch("/auth/me", json={"recording_paused": True})
    for answer in (
        person.post("/memory/trace", json={"content": "In the pause."}),
        person.post("/memory/traces", json=[{"content": "In the pause."}]),
        person.post("/memory/import", content=export),
    ):
        assert (answer.status_code, answer.json()["error"]) == (409, "ConflictError")
        assert "PATCH /auth/me" in answer.json()["detail"]
    assert person.contents("pause") == ["Before the pause."]
    person.patch("/auth/me", json={"recording_paused": False})
    assert person.post("/memory/trace", json={"content": "After it."}).status_code == 201


def test_a_key_does_what_its_scopes_say(person: Person) -> None:
    trace_id = person.remember("Something to forget.")
    allowed = {"read": [200, 403, 403], "write": [403, 201, 403], "forget": [403, 403, 200]}
    for scope, expected in allowed.items():
        with as_agent(person, key_of(person, scope)) as agent:
            answers = [
                agent.get("/memory/stats"),
                agent.post("/memory/trace", json={"content": f"By an agent that may {scope}."}),
                agent.post("/memory/forget", json={"trace_id": trace_id}),
            ]
            assert [answer.status_code for answer in answers] == expected


def test_no_key_opens_the_account_itself(person: Person) -> None:
    with as_agent(person, key_of(person, "read", "write", "forget")) as agent:
        for answer in (
            agent.get("/auth/keys"),
            agent.post("/auth/keys", json={"name": "another"}),
            agent.delete(f"/auth/keys/{uuid4()}"),
            agent.patch("/auth/me", json={"timezone": "UTC"}),
            agent.request("DELETE", "/auth/me", json={"password": PASSWORD}),
            agent.post("/auth/password-reset", json={"email": person.email, "password": "x" * 9}),
        ):
            assert (answer.status_code, answer.json()["error"]) == (403, "ForbiddenError")
        assert agent.get("/auth/me").json()["email"] == person.email


def test_a_key_is_told_once_and_kept_as_a_digest(person: Person, settings: Settings) -> None:
    key = key_of(person)
    assert key.startswith("sara_")
    (listed,) = person.get("/auth/keys").json()["keys"]
    assert "key" not in listed
    assert (listed["scopes"], listed["last_used_at"]) == (["read", "write"], None)
    assert look_everywhere(settings, Hunt.of(key, "english")).found == []
    with as_agent(person, key) as agent:
        agent.get("/memory/stats")
    (used,) = person.get("/auth/keys").json()["keys"]
    age = datetime.now(UTC) - datetime.fromisoformat(used["last_used_at"])
    assert age.total_seconds() < 60


def test_a_deleted_or_changed_key_opens_nothing(person: Person) -> None:
    made = person.post("/auth/keys", json={"name": "agent"}).json()
    changed = made["key"][:-9] + ("A" if made["key"][-9] != "A" else "B") + made["key"][-8:]
    assert [status_of(person, key) for key in (changed, "sara_x", "sara_")] == [401] * 3
    accented = person.get("/auth/me", headers={"Authorization": "Bearer sara_é".encode()})
    assert accented.status_code == 401
    assert status_of(person, made["key"]) == 200
    assert person.delete(f"/auth/keys/{made['id']}").status_code == 204
    assert status_of(person, made["key"]) == 401
    assert person.delete(f"/auth/keys/{made['id']}").status_code == 404


def test_nobody_has_more_than_fifty_keys(person: Person) -> None:
    answers = [person.post("/auth/keys", json={"name": "k"}).status_code for _ in range(51)]
    assert answers == [201] * MOST_KEYS + [409]


def test_an_administrator_gives_a_new_password(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    with (
        serving(create_app(fresh, embedder=HashingEmbedder())) as url,
        closing(Person(url)) as admin,
        closing(Person(url)) as person,
    ):
        body = {"email": person.email, "password": NEW_PASSWORD}
        assert person.post("/auth/password-reset", json=body).status_code == 403
        assert admin.post("/auth/password-reset", json=body).status_code == 204
        assert person.get("/auth/me").status_code == 401
        assert log_in(person, NEW_PASSWORD).status_code == 200
        body = {"email": "nobody@example.com", "password": NEW_PASSWORD}
        assert admin.post("/auth/password-reset", json=body).status_code == 404


def test_a_secret_is_changed_without_signing_anybody_out(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    assert fresh.secret_key is not None
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url, closing(Person(url)) as one:
        one.remember("A talk.", source={"type": "chat", "conversation_id": "c"})
        token = one.headers["Authorization"]
        wish = {"scope": "conversation", "id": "c"}
        tombstone = one.post("/memory/forget", json=wish).json()
    new = {"secret_key": SecretStr("n" * 32), "secret_key_previous": (fresh.secret_key,)}
    changed = fresh.model_copy(update=new)
    with serving(create_app(changed, embedder=HashingEmbedder())) as url:
        headers = {"Authorization": token}
        assert httpx.get(f"{url}/auth/me", headers=headers).status_code == 200
        again = httpx.post(f"{url}/memory/forget", json=wish, headers=headers)
        assert again.json() == tombstone
    forgotten = fresh.model_copy(update={"secret_key": SecretStr("n" * 32)})
    with serving(create_app(forgotten, embedder=HashingEmbedder())) as url:
        assert httpx.get(f"{url}/auth/me", headers={"Authorization": token}).status_code == 401


def test_a_person_makes_so_many_requests_a_minute(new_database: NewDatabase) -> None:
    fresh = new_database().model_copy(update={"requests_per_minute": 5})
    migrate(database_url(fresh))
    away = fresh.model_copy(update={"redis_url": SecretStr("redis://127.0.0.1:1/0")})
    for settings in (fresh, away):  # counted in Redis, and without it in the process
        with (
            serving(create_app(settings, embedder=HashingEmbedder())) as url,
            closing(Person(url)) as busy,
            closing(Person(url)) as other,
        ):
            answers = [busy.get("/auth/me") for _ in range(6)]
            assert [answer.status_code for answer in answers] == [200] * 5 + [429]
            assert int(answers[-1].headers["Retry-After"]) > 0
            assert other.get("/auth/me").status_code == 200


def test_an_erased_account_leaves_nothing(new_person: NewPerson, settings: Settings) -> None:
    person, marker = new_person(), f"erasurite{uuid4().hex}"
    person.remember(f"All about {marker}.", source={"type": marker}, salience=0.9)
    person.until_embedded()
    person.post("/auth/keys", json={"name": marker})
    person.post("/memory/forget", json={"scope": "source", "type": marker})
    person.remember(f"Again {marker}.", salience=0.9)
    user_id = person.get("/auth/me").json()["id"]
    wrong = person.request("DELETE", "/auth/me", json={"password": "wrong"})
    assert wrong.status_code == 401
    gone = person.request("DELETE", "/auth/me", json={"password": PASSWORD})
    assert gone.status_code == 204
    assert person.get("/auth/me").status_code == 401
    assert log_in(person).status_code == 401
    for word in (marker, person.email, user_id):
        assert [
            place
            for place in look_everywhere(settings, Hunt.of(word, "english")).found
            if "state" not in place and "valkey" not in place
        ] == []
    assert vectors_in_redis(settings, UUID(user_id)) == 0


def vectors_in_redis(settings: Settings, user_id: UUID) -> int:
    assert settings.redis_url is not None
    with redis.Redis.from_url(settings.redis_url.get_secret_value()) as client:
        keys = (f"sara:wm:{{{user_id}}}:{name}" for name in ("recent", "vector"))
        return int(client.exists(*keys))


def test_ended_sessions_are_kept_until_their_tokens_expire(
    new_database: NewDatabase,
) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    count = "SELECT count(*) FROM revoked_token"
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url, closing(Person(url)) as one:
        one.post("/auth/logout")
        assert scalar(fresh, count) == 1
    with looking_into(fresh) as connection:
        connection.execute(text("UPDATE revoked_token SET expires_at = now() - interval '1 s'"))
    with serving(create_app(fresh, embedder=HashingEmbedder())):
        assert scalar(fresh, count) == 0, "upkeep runs at start"


ORIGINS = {
    "our own page": ({"Origin": "{url}"}, 201),
    "another page": ({"Origin": "https://evil.example"}, 403),
    "a page that hides": ({"Origin": "null"}, 403),
    "a page that is allowed": ({"Origin": "https://app.example"}, 201),
    "a form of another site": ({"Sec-Fetch-Site": "cross-site"}, 403),
    "a page of a sister site": ({"Sec-Fetch-Site": "same-site"}, 403),
    "our own page without an origin": ({"Sec-Fetch-Site": "same-origin"}, 201),
    "a program": ({}, 201),
}


@pytest.fixture(scope="module")
def for_app(new_database: NewDatabase) -> Settings:
    fresh = new_database().model_copy(update={"cors_origins": ("https://app.example",)})
    migrate(database_url(fresh))
    return fresh


def test_the_cookie_is_good_for_our_own_pages_only(for_app: Settings) -> None:
    with (
        serving(create_app(for_app, embedder=HashingEmbedder())) as url,
        closing(Person(url)) as person,
    ):
        token = person.headers.pop("Authorization").removeprefix("Bearer ")
        person.cookies.set("access_token", token)
        for name, (template, status) in ORIGINS.items():
            headers = {key: value.format(url=url) for key, value in template.items()}
            answer = person.post("/memory/trace", json={"content": name}, headers=headers)
            assert answer.status_code == status, name
            assert person.get("/memory/stats", headers=headers).status_code == 200, name
        person.cookies.clear()
        bearer = {"Origin": "https://evil.example", "Authorization": f"Bearer {token}"}
        assert person.post("/memory/trace", json={"content": "x"}, headers=bearer).is_success


def test_browsers_are_told_to_be_careful(service: str) -> None:
    for path in ("/health", "/memory/stats", "/nowhere"):
        headers = httpx.get(service + path).headers
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["X-Frame-Options"] == "DENY"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Content-Security-Policy"].startswith("default-src 'none'")
        assert headers["Cache-Control"] == "no-store"
    docs = httpx.get(f"{service}/docs")
    assert docs.status_code == 200
    assert docs.headers["Content-Security-Policy"] == "frame-ancestors 'none'"
    over_tls = httpx.get(f"{service}/health", headers={"X-Forwarded-Proto": "https"})
    assert "max-age" in over_tls.headers["Strict-Transport-Security"]

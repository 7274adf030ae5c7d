"""Accounts: bearer and cookie, who administers, old hashes, and how often one may guess."""

from contextlib import closing
from datetime import UTC, datetime, timedelta
from uuid import uuid4

import bcrypt
import httpx
import jwt
import pytest
from conftest import NewDatabase, NewPerson
from sqlalchemy import text
from support.databases import database_url, looking_into
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

from app.main import create_app
from app.settings import Settings
from app.storage.migrations import migrate


def test_signup_answers_with_the_person_and_sets_the_cookie(service: str) -> None:
    with httpx.Client(base_url=service) as client:
        email = f"{uuid4().hex}@Example.com"
        answer = client.post("/auth/signup", json={"email": email, "password": PASSWORD})
        assert answer.status_code == 201
        assert {"id", "email", "created_at", "is_admin", "access_token"} <= answer.json().keys()
        cookie = answer.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=lax" in cookie
        assert "Secure" not in cookie
        assert client.get("/auth/me").json()["email"] == email.lower()
        assert client.get("/auth/check").json()["authenticated"] is True
        client.post("/auth/logout")
        assert client.get("/auth/me").status_code == 401


def test_behind_tls_the_cookie_is_secure(service: str, person: Person) -> None:
    credentials = {"email": person.email, "password": PASSWORD}
    answer = httpx.post(
        f"{service}/auth/login", json=credentials, headers={"X-Forwarded-Proto": "https"}
    )
    assert "Secure" in answer.headers["set-cookie"]


def test_the_bearer_token_wins_over_the_cookie(service: str, new_person: NewPerson) -> None:
    one, other = new_person(), new_person()
    token = other.headers["Authorization"].removeprefix("Bearer ")
    one.cookies.set("access_token", token)
    assert one.get("/auth/me").json()["email"] == one.email


def test_an_address_signs_up_once_however_it_is_written(person: Person) -> None:
    body = {"email": person.email.upper(), "password": PASSWORD}
    assert person.post("/auth/signup", json=body).status_code == 409


@pytest.mark.parametrize(
    "body",
    [
        {"email": "no address", "password": PASSWORD},
        {"email": "a@example.com", "password": "short"},
        {"email": "a@example.com", "password": "with\x00nul12"},
        {"email": "a@example.com"},
    ],
)
def test_a_bad_signup_is_refused(service: str, body: dict[str, str]) -> None:
    assert httpx.post(f"{service}/auth/signup", json=body).status_code == 422


def test_tokens_of_others_of_nobody_and_of_yesterday_are_refused(
    person: Person, settings: Settings
) -> None:
    assert settings.secret_key is not None
    ours = settings.secret_key.get_secret_value()
    user_id = person.get("/auth/me").json()["id"]
    now = datetime.now(UTC)
    claims = {
        **{"sub": user_id, "iat": now, "exp": now + timedelta(hours=1)},
        **{"jti": str(uuid4()), "epoch": 0},
    }
    assert person.get("/auth/me", headers=bearer(jwt.encode(claims, ours, "HS256"))).is_success
    bad = [
        "nonsense",
        jwt.encode(claims, "another secret of more than 32 characters", "HS256"),
        jwt.encode({**claims, "exp": now - timedelta(hours=1)}, ours, "HS256"),
        jwt.encode({**claims, "sub": str(uuid4())}, ours, "HS256"),
        jwt.encode({**claims, "sub": "me"}, ours, "HS256"),
        jwt.encode({**claims, "jti": "x"}, ours, "HS256"),
        jwt.encode({**claims, "epoch": 1}, ours, "HS256"),
        jwt.encode({**claims, "epoch": None}, ours, "HS256"),
        *(
            jwt.encode({k: v for k, v in claims.items() if k != name}, ours, "HS256")
            for name in ("sub", "exp", "jti", "epoch")
        ),
    ]
    for token in bad:
        assert person.get("/auth/me", headers=bearer(token)).status_code == 401, token


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


def test_a_bcrypt_hash_of_an_existing_sara_still_opens(person: Person, settings: Settings) -> None:
    old = bcrypt.hashpw(b"an old password", bcrypt.gensalt(4)).decode()
    with looking_into(settings) as connection:
        connection.execute(
            text("UPDATE app_user SET password_hash = :hash WHERE email = :email"),
            {"hash": old, "email": person.email},
        )
    log_in = {"email": person.email, "password": "an old password"}
    assert person.post("/auth/login", json=log_in).status_code == 200
    with looking_into(settings) as connection:
        renewed = connection.scalar(
            text("SELECT password_hash FROM app_user WHERE email = :email"), {"email": person.email}
        )
    assert renewed.startswith("$argon2")
    assert person.post("/auth/login", json=log_in).status_code == 200
    too_long = {**log_in, "password": "x" * 100}
    assert person.post("/auth/login", json=too_long).status_code == 401


def test_guessing_is_slowed_down_for_one_address_only(
    person: Person, new_person: NewPerson
) -> None:
    wrong = {"email": person.email, "password": "guess"}
    answers = [person.post("/auth/login", json=wrong).status_code for _ in range(11)]
    assert answers == [401] * 10 + [429]
    right = person.post("/auth/login", json={"email": person.email, "password": PASSWORD})
    assert right.status_code == 429
    assert int(right.headers["Retry-After"]) > 0
    other = new_person()
    assert other.post("/auth/login", json={"email": other.email, "password": PASSWORD}).is_success


def is_admin(url: str) -> bool:
    """Whether whoever signs up now administers."""
    with closing(Person(url)) as person:
        return bool(person.get("/auth/me").json()["is_admin"])


def test_the_first_account_administers_when_nobody_is_named(new_database: NewDatabase) -> None:
    fresh = new_database()
    migrate(database_url(fresh))
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url:
        assert [is_admin(url), is_admin(url)] == [True, False]


def test_named_administrators_are_the_only_ones(new_database: NewDatabase) -> None:
    fresh = new_database().model_copy(update={"admin_emails": ("boss@example.com",)})
    migrate(database_url(fresh))
    with serving(create_app(fresh, embedder=HashingEmbedder())) as url:
        assert is_admin(url) is False
        body = {"email": "Boss@example.com", "password": PASSWORD}
        assert httpx.post(f"{url}/auth/signup", json=body).json()["is_admin"] is True

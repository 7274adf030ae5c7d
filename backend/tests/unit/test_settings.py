"""``.env.example`` and the settings say the same, and production does not start with a sample."""

from itertools import pairwise
from pathlib import Path

import pytest
from pydantic import ValidationError

from app.settings import SAMPLE_SECRET, Settings

EXAMPLE = Path(__file__).parents[3] / ".env.example"
LINES = EXAMPLE.read_text().splitlines()
VARIABLES = dict(line.split("=", 1) for line in LINES if line and not line.startswith("#"))
OF_COMPOSE = {
    "POSTGRES_USER",
    "POSTGRES_PASSWORD",
    "POSTGRES_DB",
    "POSTGRES_CONF",
    "REDIS_MAXMEMORY",
}
LONG_SECRET = "0123456789abcdef" * 4
FOR_COMPOSE = {
    *(
        "environment",
        "trusted_proxies",
        "database_url",
        "redis_url",
        "embedding_model",
        "secret_key",
    )
}


@pytest.fixture(autouse=True)
def bare_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for field in Settings.model_fields:
        monkeypatch.delenv(field.upper(), raising=False)


def test_the_example_lists_exactly_the_settings() -> None:
    """And what Compose itself reads."""
    listed = sorted(set(VARIABLES) - OF_COMPOSE)
    assert listed == sorted(field.upper() for field in Settings.model_fields)
    assert set(VARIABLES) >= OF_COMPOSE


def test_each_setting_of_the_example_is_explained() -> None:
    for before, line in pairwise(LINES):
        if "=" in line and not line.startswith("#"):
            assert before.startswith("# ") or "=" in before, f"{line} has no comment above it"


def test_the_example_with_its_secrets_filled_in_is_valid(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value.replace(SAMPLE_SECRET, LONG_SECRET))
    from_example, default = Settings().model_dump(), Settings.model_construct().model_dump()
    differing = {name for name in default if from_example[name] != default[name]}
    assert differing == FOR_COMPOSE


def test_the_example_as_it_is_does_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    with pytest.raises(ValidationError, match="SECRET_KEY is missing or still the sample value"):
        Settings()


def test_production_refuses_the_sample_password_of_the_database(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name, value in VARIABLES.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setenv("SECRET_KEY", LONG_SECRET)
    with pytest.raises(ValidationError, match="DATABASE_URL still has the sample password"):
        Settings()
    monkeypatch.setenv("ENVIRONMENT", "development")
    assert Settings().database_url is not None


def test_production_needs_a_secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ENVIRONMENT", "production")
    with pytest.raises(ValidationError, match="SECRET_KEY is missing"):
        Settings()
    monkeypatch.setenv("SECRET_KEY", LONG_SECRET)
    assert Settings().environment == "production"


def test_a_short_secret_is_refused_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "hunter2")
    with pytest.raises(ValidationError, match="shorter than 32 characters"):
        Settings()


def test_an_empty_variable_is_an_unset_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DATABASE_URL", "")
    monkeypatch.setenv("PORT", "")
    assert Settings().database_url is None
    assert Settings().port == 8000


def test_lists_are_separated_by_commas(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ADMIN_EMAILS", "ana@example.com, rui@example.com,")
    assert Settings().admin_emails == ("ana@example.com", "rui@example.com")


def test_an_unknown_time_zone_is_a_mistake_that_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TIMEZONE", "Mars/Olympus")
    with pytest.raises(ValidationError, match="timezone"):
        Settings()


def test_secrets_do_not_show(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SECRET_KEY", LONG_SECRET)
    monkeypatch.setenv("DATABASE_URL", "postgresql://sara:open-sesame@db/sara_hub")
    assert LONG_SECRET not in repr(Settings())
    assert "open-sesame" not in repr(Settings())

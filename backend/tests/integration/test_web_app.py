"""How the web app is served: pages, files, what a browser may load, and never in place of the API."""

import gzip
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest
from support.embedders import HashingEmbedder
from support.http_server import serving

from app.main import create_app
from app.settings import Settings

PAGE = "<!doctype html><title>Sara</title>"
SCRIPT = "console.log('sara');" * 200


@pytest.fixture(scope="module")
def served(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    build = tmp_path_factory.mktemp("dist")
    (build / "assets").mkdir()
    (build / "index.html").write_text(PAGE)
    (build / "assets" / "main-1a2b.js").write_text(SCRIPT)
    app = create_app(settings, embedder=HashingEmbedder(), web_app=build)
    with serving(app) as url:
        yield url


def test_a_browser_is_led_to_the_app(served: str) -> None:
    answer = httpx.get(served, follow_redirects=True)
    assert (answer.url.path, answer.text) == ("/app", PAGE)


def test_every_page_is_the_app_and_every_other_path_the_api(served: str) -> None:
    for page in ("/app", "/app/", "/app/notes", "/app/memory/graph", "/app/v1.2"):
        assert httpx.get(served + page).text == PAGE
    for path in ("/memory/stats", "/no/such/thing", "/notes/1"):
        answer = httpx.get(served + path, headers={"Accept": "text/html"})
        assert answer.headers["content-type"] == "application/json"
        assert answer.status_code in {401, 404}


def test_a_page_loads_nothing_of_anybody_else(served: str) -> None:
    policy = httpx.get(f"{served}/app").headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert "unsafe" not in policy
    assert "http" not in policy


def test_hashed_files_are_kept_for_good_and_the_page_is_not(served: str) -> None:
    script = httpx.get(f"{served}/app/assets/main-1a2b.js")
    assert script.text == SCRIPT
    assert "immutable" in script.headers["cache-control"]
    assert script.headers["content-type"].startswith("text/javascript")
    assert httpx.get(f"{served}/app").headers["cache-control"] == "no-cache"


def test_scripts_are_compressed_for_those_who_take_it(served: str) -> None:
    url = f"{served}/app/assets/main-1a2b.js"
    with httpx.stream("GET", url, headers={"Accept-Encoding": "gzip"}) as answer:
        assert gzip.decompress(b"".join(answer.iter_raw())).decode() == SCRIPT
    plain = httpx.get(url, headers={"Accept-Encoding": "identity"})
    assert "content-encoding" not in plain.headers
    assert plain.headers["vary"] == "Accept-Encoding"


def test_a_missing_file_is_not_a_page(served: str) -> None:
    assert httpx.get(f"{served}/app/assets/gone.js").status_code == 404


def test_without_a_build_the_api_runs_and_says_how_to_get_one(
    settings: Settings, tmp_path: Path
) -> None:
    app = create_app(settings, embedder=HashingEmbedder(), web_app=tmp_path / "none")
    with serving(app) as url:
        assert httpx.get(url).headers["location"] == "/docs"
        answer = httpx.get(f"{url}/app")
        assert (answer.status_code, answer.json()["error"]) == (404, "NotFoundError")
        assert "make run" in answer.json()["detail"]
        assert httpx.get(f"{url}/health").status_code == 200

"""A real browser on the real service with the built web app, on a database of its own.

Whatever a page writes to the console as an error, and every request to another host, fails the test. A
machine without Chromium or without the build skips, unless REQUIRE_BROWSER is set.
"""

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright
from sqlalchemy import text

from app.main import WEB_APP, create_app
from app.settings import Settings
from app.storage.migrations import migrate
from support.databases import database_url, looking_into
from support.embedders import HashingEmbedder
from support.http_server import serving
from support.people import PASSWORD, Person

ADMIN = "admin@example.com"
AXE = Path(__file__).parents[3] / "frontend" / "node_modules" / "axe-core" / "axe.min.js"
PATIENCE_MS = 20_000
# What a headless browser needs where it is root, has no display, and may look nothing up by itself.
FLAGS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--enable-unsafe-swiftshader",
)
IS_REQUIRED = bool(os.environ.get("REQUIRE_BROWSER"))

NewDatabase = Callable[[], Settings]


def program() -> str:
    """Where Chromium is; skips, or fails where it is required."""
    names = ("chromium", "chromium-browser", "google-chrome")
    found = next((path for name in names if (path := shutil.which(name))), None)
    if found is None:
        _miss("there is no Chromium: install it, or run `make test` as root")
    if not (WEB_APP / "index.html").exists() or not AXE.exists():
        _miss("the web app is not built: `make web` needs npm")
    return str(found)


def _miss(reason: str) -> None:
    if IS_REQUIRED:
        pytest.fail(f"the browser tests are required and cannot run: {reason}")
    pytest.skip(f"BROWSER TESTS NOT RUN: {reason}")


@pytest.fixture(scope="session")
def chromium() -> str:
    """Where Chromium is; without one, or without the built app, nothing of this starts."""
    return program()


@pytest.fixture(scope="module")
def browser(chromium: str) -> Iterator[Browser]:
    """A Chromium for the tests of a module: as long as one runs, this thread has an event loop, which the
    tests of other modules would stumble over."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=chromium, args=list(FLAGS))
        yield running
        running.close()


@pytest.fixture(scope="session")
def web_settings(new_database: NewDatabase) -> Settings:
    """A database of the browser tests' own, with a known administrator."""
    fresh = new_database()
    migrate(database_url(fresh))
    return fresh.model_copy(update={"admin_emails": (ADMIN,)})


@pytest.fixture(scope="session")
def web(chromium: str, web_settings: Settings) -> Iterator[str]:
    """The service with the built app: its base URL."""
    del chromium  # without one, no service
    with serving(create_app(web_settings, embedder=HashingEmbedder())) as url:
        yield url


class Screen:
    """A page of one person, and what went wrong on it."""

    def __init__(self, page: Page, url: str) -> None:
        self.page = page
        self.url = url
        self.errors: list[str] = []
        self.strange: list[str] = []
        page.set_default_timeout(PATIENCE_MS)
        page.on("console", lambda told: self._hear(told.type, told.text))
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("request", lambda request: self._see(request.url))

    def _hear(self, kind: str, text: str) -> None:
        if kind == "error":
            self.errors.append(text)

    def _see(self, url: str) -> None:
        if not url.startswith((self.url, "data:", "blob:")):
            self.strange.append(url)

    def open(self, path: str) -> Page:
        """Go to a page of the app."""
        self.page.goto(f"{self.url}/app{path}")
        return self.page

    def sign_in(self, email: str, password: str = PASSWORD) -> Page:
        """Through the form, to the memory."""
        self.open("/sign-in")
        self.page.get_by_label("E-mail").fill(email)
        self.page.get_by_label("Password").fill(password)
        self.page.get_by_role("button", name="Sign in").first.click()
        self.page.wait_for_url("**/app/memory")
        return self.page

    def expect_error(self, part: str) -> None:
        """One error that the test has brought about itself."""
        found = [text for text in self.errors if part in text]
        assert found, f"no error about {part}"
        self.errors = [text for text in self.errors if part not in text]


@pytest.fixture
def screen(browser: Browser, web: str) -> Iterator[Screen]:
    """A fresh browser profile on the app."""
    context: BrowserContext = browser.new_context(viewport={"width": 1280, "height": 900})
    context.grant_permissions(["clipboard-read", "clipboard-write"], origin=web)
    shown = Screen(context.new_page(), web)
    yield shown
    context.close()
    assert shown.errors == []
    assert shown.strange == []


@pytest.fixture
def somebody(web: str) -> Iterator[Person]:
    """Somebody with an account on the service of the browser tests, over HTTP."""
    with closing(Person(web)) as person:
        yield person


@pytest.fixture(scope="session")
def web_admin(web: str) -> Iterator[Person]:
    """The administrator, over HTTP."""
    with closing(Person(web, email=ADMIN)) as person:
        yield person


@pytest.fixture
def fade(web_settings: Settings) -> Callable[[str], None]:
    """Lets a trace fade, which else takes the dream weeks."""

    def let_fade(trace_id: str) -> None:
        with looking_into(web_settings) as connection:
            connection.execute(
                text("UPDATE memory_trace SET faded_at = now() WHERE id = :id"), {"id": trace_id}
            )

    return let_fade

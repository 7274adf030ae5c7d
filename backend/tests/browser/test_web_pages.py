"""Every page, in both themes, wide and on a phone: nothing that axe finds serious, nothing wider than the
screen, no error on the console; and how much script the first one loads."""

import gzip
import json
from collections.abc import Iterator
from contextlib import closing
from typing import Literal

import pytest
from playwright.sync_api import expect
from support.browser import AXE, Screen
from support.people import Person

from app.main import WEB_APP

MOST_SCRIPT_BYTES = 250_000
PAGES = (
    "/memory",
    "/memory/recall?q=greenhouse",
    "/memory/graph",
    "/memory/insights",
    "/memory/nights",
    "/memory/forgetting",
    "/memory/storage",
    "/notes",
    "/search?q=greenhouse",
    "/settings",
)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
THEMES: tuple[Literal["dark", "light"], ...] = ("dark", "light")
SIZES = {"wide": (1280, 900), "phone": (360, 740)}


@pytest.fixture(scope="module")
def full(web: str) -> Iterator[Person]:
    """Somebody with something on every page."""
    with closing(Person(web)) as person:
        fill(person)
        yield person


def fill(person: Person) -> None:
    chat = {"type": "chat", "conversation_id": "c"}
    person.remember_many(
        [
            {"content": f"The greenhouse roof leaks, said Ana, time {n}.", "source": chat}
            for n in range(6)
        ]
    )
    person.post("/notes", json={"title": "Greenhouse", "content": "[[Roof]] and glass."})
    person.post("/memory/forget", json={"trace_id": person.remember("Forget this.")})
    person.post("/auth/keys", json={"name": "agent"})
    person.until_embedded()


def serious(screen: Screen) -> list[str]:
    """What axe finds that keeps people out, on the page as it is."""
    screen.page.evaluate(AXE.read_text())
    found = screen.page.evaluate("rules => axe.run({runOnly: rules})", RULES)
    return [
        f"{problem['id']}: {problem['nodes'][0]['html'][:200]}"
        for problem in found["violations"]
        if problem["impact"] in {"serious", "critical"}
    ]


def serious_in_any_theme(screen: Screen) -> list[str]:
    """The same of the page in both themes, each after its colours have come to rest."""
    found: list[str] = []
    for theme in THEMES:
        screen.page.emulate_media(color_scheme=theme)
        expect(screen.page.locator("html")).to_have_attribute("data-theme", theme)
        screen.page.evaluate("Promise.all(document.getAnimations().map(one => one.finished))")
        found += [f"{theme}: {problem}" for problem in serious(screen)]
    return found


@pytest.mark.parametrize("size", SIZES)
def test_every_page_is_for_everybody(screen: Screen, full: Person, size: str) -> None:
    width, height = SIZES[size]
    page = screen.page
    page.set_viewport_size({"width": width, "height": height})
    screen.open("/sign-in")
    assert serious_in_any_theme(screen) == []
    screen.sign_in(full.email)
    for path in PAGES:
        screen.open(path)
        page.wait_for_load_state("networkidle")
        expect(page.get_by_role("main")).to_be_visible()
        assert serious_in_any_theme(screen) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width, path


@pytest.mark.parametrize("size", SIZES)
def test_dialogs_are_for_everybody(screen: Screen, full: Person, size: str) -> None:
    width, height = SIZES[size]
    page = screen.page
    page.set_viewport_size({"width": width, "height": height})
    screen.sign_in(full.email)
    screen.open("/memory/recall?q=greenhouse")
    page.get_by_role("link", name="Open: The greenhouse").first.click()
    expect(page.get_by_role("heading", name="Tied to")).to_be_visible()
    assert serious(screen) == []
    page.get_by_role("dialog").get_by_role("button", name="Forget", exact=True).click()
    expect(page.get_by_role("button", name="Forget for good")).to_be_enabled()
    assert serious(screen) == []
    screen.open("/settings")
    for opener in ("Make a key", "Erase my account …"):
        page.get_by_role("button", name=opener).click()
        expect(page.get_by_role("dialog")).to_be_visible()
        assert serious(screen) == [], opener
        page.keyboard.press("Escape")
    note = full.get("/notes").json()[0]["id"]
    screen.open(f"/notes/{note}")
    expect(page.get_by_role("heading", name="Suggestions")).to_be_visible()
    assert serious(screen) == []


def test_a_page_that_is_not_there_leads_home(screen: Screen, full: Person) -> None:
    page = screen.sign_in(full.email)
    screen.open("/no/such/page")
    page.get_by_role("link", name="To the memory").click()
    expect(page.get_by_role("heading", name="Memory")).to_be_attached()


def test_a_service_that_fails_is_said_with_a_way_on(screen: Screen, full: Person) -> None:
    page = screen.sign_in(full.email)
    body = {"detail": "The database does not answer: try again shortly.", "error": "X"}
    answer = {"status": 500, "content_type": "application/json", "body": json.dumps(body)}
    page.route("**/memory/storage", lambda route: route.fulfill(**answer))
    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_role("alert").first).to_contain_text("The database does not answer")
    page.unroute("**/memory/storage")
    page.get_by_role("button", name="Try again").first.click()
    expect(page.get_by_text("Tables")).to_be_visible()
    screen.expect_error("500")


def test_the_first_page_loads_little_script_and_not_the_graph(browser: object) -> None:
    """What the build says that the entry needs at once, as it is sent."""
    manifest = json.loads((WEB_APP / ".vite" / "manifest.json").read_text())
    waiting, needed = ["index.html"], set()
    while waiting:
        part = manifest[waiting.pop()]
        if part["file"] not in needed:
            needed.add(part["file"])
            waiting += part.get("imports", [])
    sent = sum(len(gzip.compress((WEB_APP / name).read_bytes())) for name in needed)
    assert sent < MOST_SCRIPT_BYTES
    assert not [name for name in needed if "Graph" in name or "Markdown" in name]


def test_the_theme_is_the_systems_until_another_is_chosen(screen: Screen) -> None:
    page = screen.page
    page.emulate_media(color_scheme="light")
    screen.open("/sign-in")
    html = page.locator("html")
    expect(html).to_have_attribute("data-theme", "light")
    page.emulate_media(color_scheme="dark")
    expect(html).to_have_attribute("data-theme", "dark")
    page.evaluate("localStorage.setItem('sara.theme', 'light')")
    page.reload()
    expect(html).to_have_attribute("data-theme", "light")

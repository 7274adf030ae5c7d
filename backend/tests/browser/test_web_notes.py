"""Notes in a browser: written, linked, saved by themselves, tied together, deleted; also offline."""

import re

from playwright.sync_api import Locator, Page, expect
from support.browser import Screen
from support.people import Person, until


def write(somebody: Person, title: str, content: str) -> str:
    answer = somebody.post("/notes", json={"title": title, "content": content})
    answer.raise_for_status()
    return str(answer.json()["id"])


def opened(screen: Screen, somebody: Person) -> tuple[str, Page, Locator]:
    """A note, the page that it is open on, and its text there."""
    note = write(somebody, "Lisbon", "At first.")
    page = screen.sign_in(somebody.email)
    page.goto(f"{screen.url}/app/notes/{note}")
    text = page.get_by_role("textbox", name="Text")
    expect(text).to_have_value("At first.")
    return note, page, text


def saved(page: Page) -> None:
    expect(page.locator("[data-state=saved]")).to_be_visible()


def test_a_note_is_written_linked_and_read(screen: Screen, somebody: Person) -> None:
    write(somebody, "Lisbon", "The hotel is near the river.")
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Notes").first.click()
    page.get_by_role("button", name="New note").click()
    page.get_by_label("Title").fill("Journey")
    text = page.get_by_role("textbox", name="Text")
    text.fill('<img src=x onerror="alert(1)"> [bad](javascript:alert(1))\n\nSee ')
    text.press("End")
    text.press_sequentially("[[Lis")
    page.get_by_role("option", name="Lisbon").wait_for()
    text.press("Enter")
    expect(text).to_have_value(re.compile(r"See \[\[Lisbon\]\]$"))
    saved(page)
    page.get_by_role("button", name="Read").click()
    expect(page.get_by_role("paragraph").filter(has_text="<img src=x")).to_be_visible()
    assert page.locator(".prose-note img, .prose-note [href^='javascript']").count() == 0
    page.locator(".prose-note").get_by_role("link", name="Lisbon").click()
    expect(page.get_by_label("Title")).to_have_value("Lisbon")
    expect(page.get_by_text("link from it")).to_be_visible()


def test_references_both_ways_are_one_line_that_says_so(screen: Screen, somebody: Person) -> None:
    note = write(somebody, "Lisbon", "See [[Journey]] and [[Porto]].")
    write(somebody, "Journey", "First to [[Lisbon]].")
    write(somebody, "Porto", "North of it.")
    page = screen.sign_in(somebody.email)
    page.goto(f"{screen.url}/app/notes/{note}")
    panel = page.locator("section").filter(has=page.get_by_role("heading", name="Connections"))
    expect(panel.get_by_role("listitem").filter(has_text="Journey")).to_have_count(1)
    expect(panel.get_by_role("listitem").filter(has_text="Journey")).to_contain_text(
        "links both ways"
    )
    expect(panel.get_by_role("listitem").filter(has_text="Porto")).to_contain_text("link to it")


def test_a_filter_narrows_while_one_types(screen: Screen, somebody: Person) -> None:
    for title in ("Lisbon", "Porto", "Bergen"):
        write(somebody, title, f"About {title}.")
    page = screen.sign_in(somebody.email)
    page.get_by_role("link", name="Notes").first.click()
    notes = page.get_by_role("region", name="Notes").get_by_role("link")
    expect(notes).to_have_count(3)
    page.get_by_label("Filter notes").fill("por")
    expect(notes).to_have_count(1)


def test_what_is_written_offline_is_saved_when_the_network_is_back(
    screen: Screen, somebody: Person
) -> None:
    note, page, text = opened(screen, somebody)
    page.context.set_offline(True)
    text.fill("Written in a tunnel.")
    expect(page.locator("[data-state=offline]")).to_be_visible()
    page.context.set_offline(False)
    saved(page)
    assert somebody.get(f"/notes/{note}").json()["content"] == "Written in a tunnel."
    screen.expect_error("ERR_INTERNET_DISCONNECTED")


def test_a_change_from_elsewhere_is_not_written_over(screen: Screen, somebody: Person) -> None:
    note, page, text = opened(screen, somebody)
    somebody.patch(f"/notes/{note}", json={"content": "Theirs."}).raise_for_status()
    text.fill("Mine.")
    expect(page.locator("[data-state=conflict]")).to_be_visible()
    assert somebody.get(f"/notes/{note}").json()["content"] == "Theirs."
    page.get_by_role("button", name="Keep mine").click()
    saved(page)
    assert somebody.get(f"/notes/{note}").json()["content"] == "Mine."
    screen.expect_error("409")


def test_a_suggestion_is_accepted_and_another_dismissed(screen: Screen, somebody: Person) -> None:
    note = write(somebody, "Greenhouse", "Ana Oliveira repairs the greenhouse roof in Porto.")
    write(somebody, "Roof", "Ana Oliveira wants glass for the greenhouse roof in Porto.")
    write(somebody, "Glass", "The glass for the greenhouse roof in Porto, said Ana Oliveira.")
    somebody.until_embedded()
    until(lambda: len(somebody.get(f"/notes/{note}/suggestions").json()) == 2)
    page = screen.sign_in(somebody.email)
    page.goto(f"{screen.url}/app/notes/{note}")
    page.get_by_role("button", name="Accept: Roof").click()
    expect(page.get_by_role("button", name="Untie Roof")).to_be_visible()
    page.get_by_role("button", name="Dismiss: Glass").click()
    expect(page.get_by_text("Nothing to suggest.")).to_be_visible()
    assert len(somebody.get(f"/notes/{note}/connections").json()) == 1


def test_a_deleted_note_is_forgotten(screen: Screen, somebody: Person) -> None:
    note = write(somebody, "Secret", "The word for the safe is zanzibarite.")
    page = screen.sign_in(somebody.email)
    page.goto(f"{screen.url}/app/notes/{note}")
    page.get_by_role("button", name="Delete").click()
    page.get_by_role("button", name="Delete the note").click()
    expect(page.get_by_text("Deleted, and forgotten.")).to_be_visible()
    assert somebody.get(f"/notes/{note}").status_code == 404
    assert somebody.recall("zanzibarite")["results"] == []


def test_signing_out_saves_what_is_only_waiting(screen: Screen, somebody: Person) -> None:
    note, page, text = opened(screen, somebody)
    text.fill("Written just now.")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/app/sign-in"))
    assert somebody.get(f"/notes/{note}").json()["content"] == "Written just now."


def test_signing_out_asks_before_it_loses_what_cannot_be_saved(
    screen: Screen, somebody: Person
) -> None:
    note, page, text = opened(screen, somebody)
    somebody.patch(f"/notes/{note}", json={"content": "Theirs."}).raise_for_status()
    text.fill("Mine.")
    expect(page.locator("[data-state=conflict]")).to_be_visible()
    page.get_by_role("button", name="Sign out").click()
    dialog = page.get_by_role("dialog", name="1 note is not saved yet")
    dialog.get_by_role("button", name="Stay").click()
    expect(dialog).to_be_hidden()
    page.reload()
    expect(text).to_have_value("Mine.")

    page.route("**/auth/logout", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    dialog.get_by_role("button", name="Sign out and lose it").click()
    expect(dialog.get_by_role("alert")).to_be_visible()
    assert "Mine." in page.evaluate("JSON.stringify(localStorage)"), "lost only when signed out"
    page.unroute("**/auth/logout")
    dialog.get_by_role("button", name="Sign out and lose it").click()
    expect(page).to_have_url(re.compile(r"/app/sign-in"))
    assert "Mine." not in page.evaluate("JSON.stringify(localStorage)")
    assert somebody.get(f"/notes/{note}").json()["content"] == "Theirs."
    screen.expect_error("409")
    screen.expect_error("ERR_FAILED")


def test_what_a_note_says_is_not_corrected_beside_it(screen: Screen, somebody: Person) -> None:
    write(somebody, "Secret", "The word for the safe is zanzibarite.")
    somebody.until_embedded()
    found = somebody.recall("zanzibarite")["results"][0]["trace_id"]
    screen.sign_in(somebody.email)
    page = screen.open(f"/memory?trace={found}")
    dialog = page.get_by_role("dialog", name="A memory")
    expect(dialog.get_by_role("button", name="Forget")).to_be_visible()
    expect(dialog.get_by_role("button", name="Correct")).to_have_count(0)


def test_a_note_follows_the_new_title_of_another_and_is_written_on(
    screen: Screen, somebody: Person
) -> None:
    alpha = write(somebody, "Alpha", "See [[Bravo]].")
    write(somebody, "Bravo", "North of it.")
    page = screen.sign_in(somebody.email)
    page.goto(f"{screen.url}/app/notes/{alpha}")
    text = page.get_by_role("textbox", name="Text")
    expect(text).to_have_value("See [[Bravo]].")
    notes = page.get_by_role("region", name="Notes").get_by_role("link")
    notes.filter(has_text="North of it.").click()
    expect(page.get_by_label("Title")).to_have_value("Bravo")
    page.get_by_label("Title").fill("Bravo2")
    expect(notes.filter(has_text="See [[Bravo2]].")).to_be_visible()
    notes.filter(has_text="Alpha").click()
    expect(text).to_have_value("See [[Bravo2]].")
    text.press("End")
    text.press_sequentially(" Today.")
    until(lambda: "Today" in somebody.get(f"/notes/{alpha}").json()["content"])
    saved(page)
    assert somebody.get(f"/notes/{alpha}").json()["content"] == "See [[Bravo2]]. Today."

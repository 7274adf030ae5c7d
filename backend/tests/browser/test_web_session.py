"""Signing up, in and out in a browser; a session that ends is renewed where one is."""

import re
from uuid import uuid4

from playwright.sync_api import expect
from support.browser import Screen
from support.people import PASSWORD, Person


def test_somebody_signs_up_and_out_and_in_again(screen: Screen) -> None:
    email = f"{uuid4().hex}@example.com"
    page = screen.open("/memory/storage")
    expect(page).to_have_url(re.compile(r"/app/sign-in"))
    page.get_by_role("button", name="Sign up").click()
    page.get_by_label("E-mail").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign up").first.click()
    expect(page).to_have_url(re.compile(r"/app/memory/storage$"))
    here = page.evaluate("Intl.DateTimeFormat().resolvedOptions().timeZone")
    assert page.request.get(f"{screen.url}/auth/me").json()["timezone"] == here
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/app/sign-in"))
    screen.sign_in(email)
    expect(page.get_by_text("There is nothing to remember yet.")).to_be_visible()


def test_a_wrong_password_is_said_and_lets_nobody_in(screen: Screen, somebody: Person) -> None:
    page = screen.open("/sign-in")
    page.get_by_label("E-mail").fill(somebody.email)
    page.get_by_label("Password").fill("not the password")
    page.get_by_role("button", name="Sign in").first.click()
    expect(page.get_by_role("alert")).to_contain_text("E-mail or password is wrong")
    screen.expect_error("401")


def test_a_session_that_ends_is_renewed_in_place(screen: Screen, somebody: Person) -> None:
    somebody.remember("Ana is allergic to peanuts.", salience=0.9)
    page = screen.sign_in(somebody.email)
    box = page.get_by_label("What do you want to remember?")
    box.fill("peanuts")
    page.wait_for_load_state("networkidle")
    page.context.clear_cookies()
    box.press("Enter")
    dialog = page.get_by_role("dialog", name="Your session has ended")
    expect(dialog.get_by_label("Password")).to_be_focused()
    dialog.get_by_label("Password").fill(PASSWORD)
    dialog.get_by_role("button", name="Go on").click()
    expect(dialog).to_be_hidden()
    expect(page.get_by_role("listitem").get_by_text("Ana is allergic to peanuts.")).to_be_visible()
    screen.expect_error("401")


def test_offline_is_said_and_what_was_loaded_stays(screen: Screen, somebody: Person) -> None:
    somebody.remember("Ana likes tea.")
    page = screen.sign_in(somebody.email)
    expect(page.get_by_text("1 memory")).to_be_visible()
    page.get_by_role("link", name="Storage").click()
    expect(page.get_by_text("Room on disk")).to_be_visible()
    page.get_by_role("link", name="Insights").click()
    expect(page.get_by_text("Nothing was noticed yet.")).to_be_visible()
    page.context.set_offline(True)
    page.get_by_role("link", name="Timeline").click()
    expect(page.get_by_text("You are offline.").first).to_be_visible()
    expect(page.get_by_text("1 memory")).to_be_visible()
    page.context.set_offline(False)
    expect(page.get_by_text("You are offline.")).to_have_count(0)
    screen.expect_error("ERR_INTERNET_DISCONNECTED")


def test_a_page_that_was_never_shown_can_be_had_when_the_network_is_back(
    screen: Screen, somebody: Person
) -> None:
    page = screen.sign_in(somebody.email)
    page.context.set_offline(True)
    page.get_by_role("link", name="Storage").click()
    alert = page.get_by_role("alert")
    expect(alert).to_contain_text("Sara Memory does not answer")
    alert.get_by_role("button", name="Try again").click()
    expect(alert).to_contain_text("Sara Memory does not answer")
    page.context.set_offline(False)
    alert.get_by_role("button", name="Try again").click()
    expect(page.get_by_text("Room on disk")).to_be_visible()
    screen.expect_error("ERR_INTERNET_DISCONNECTED")


def test_a_page_of_an_older_build_is_loaded_anew_when_the_service_is_back(
    screen: Screen, somebody: Person
) -> None:
    page = screen.sign_in(somebody.email)
    page.context.set_offline(True)
    page.get_by_role("link", name="Storage").click()
    retry = page.get_by_role("alert").get_by_role("button", name="Try again")
    expect(retry).to_be_visible()
    page.route("**/assets/Storage-*", lambda route: route.fulfill(status=404), times=1)
    page.context.set_offline(False)
    with page.expect_event("load"):
        retry.click()
    expect(page.get_by_text("Room on disk")).to_be_visible()
    screen.expect_error("404")
    screen.expect_error("ERR_INTERNET_DISCONNECTED")


def test_a_sign_out_that_reaches_nobody_is_said_and_can_be_done_again(
    screen: Screen, somebody: Person
) -> None:
    page = screen.sign_in(somebody.email)
    page.route("**/auth/logout", lambda route: route.abort())
    page.get_by_role("button", name="Sign out").click()
    expect(page.get_by_text("You are still signed in.")).to_be_visible()
    expect(page).to_have_url(re.compile(r"/app/memory$"))
    page.unroute("**/auth/logout")
    page.get_by_role("button", name="Sign out").click()
    expect(page).to_have_url(re.compile(r"/app/sign-in"))
    assert page.request.get(f"{screen.url}/auth/me").status == 401
    screen.expect_error("ERR_FAILED")

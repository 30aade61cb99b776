"""Asking for a consultation: sent, answered by staff, seen by the visitor, taken back."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import barriers
from tests.browser.demo_site import DemoSite, eventually
from tests.browser.fixtures import NewPage
from tests.browser.staff_desk import act, confirm, next_thursday, open_consultation, press
from tests.browser.surfaces import SEND_REQUEST
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser

MONDAY_MORNING = "[name=preferred][value=mon-morning]"
MONDAY_EVENING = "[name=preferred][value=mon-evening]"
OWN_PAGE = re.compile(r"/c/[^/]+/$")


def fill_request(page: Page, *, name: str, email: str) -> None:
    page.fill("#id_name", name)
    page.check("#id_channel_0")
    page.fill("#id_email", email)
    page.select_option("#id_location", "US-OR")
    page.check(MONDAY_MORNING)
    page.fill("#id_note", "Mornings are calmer for me.")
    page.check("#id_adult")
    page.check("#id_consent")


def send(page: Page) -> str:
    """Press the button; the reference on the page that follows."""
    page.click(SEND_REQUEST)
    page.wait_for_url(OWN_PAGE)
    expect(page.locator("h1")).to_have_text("We have your request")
    return page.locator(".done-reference strong").inner_text()


def test_a_request_is_confirmed_and_cancelled(
    visitor: Page, staff: Page, site: DemoSite, request: pytest.FixtureRequest
) -> None:
    email = f"{request.node.callspec.id}@visitor.example"
    visitor.goto("/")
    visitor.click(".site-header-button")
    visitor.click("text=Tell us times that suit you")
    fill_request(visitor, name="Sasha Marl", email=email)
    reference = send(visitor)
    own_page = visitor.url
    assert "Sasha" not in visitor.content()
    assert email not in visitor.content()
    eventually(lambda: site.mails_to(email), "the mail to the visitor")

    # Minutes apart, so that both visitors of this test find their time free.
    at = next_thursday().replace(hour=10 if "no-script" in request.node.name else 13)
    open_consultation(staff, reference)
    expect(staff.locator(".field-shown_name")).to_contain_text("Sasha Marl")
    expect(staff.locator(".field-shown_note")).to_contain_text("Mornings are calmer for me.")
    confirm(staff, reference, at)

    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("Your call is arranged")
    expect(visitor.locator(".when")).to_contain_text(f"{at:%A}, {at.day} {at:%B %Y}")
    mails = eventually(
        lambda: mails if len(mails := site.mails_to(email)) == 2 else None, "the second mail"
    )
    for mail in mails:
        assert "Sasha" not in mail.as_string()
        assert "Mornings" not in mail.as_string()
    assert "/c/" in mails[0].as_string()

    visitor.click("text=Cancel the call")
    expect(visitor.locator("h1")).to_contain_text("Cancel your call on Thursday")
    visitor.click("text=Keep it")
    expect(visitor).to_have_url(own_page)
    visitor.click("text=Cancel the call")
    visitor.click("text=Yes, cancel")
    expect(visitor.locator("h1")).to_have_text("You have cancelled your call")
    open_consultation(staff, reference)
    expect(staff.locator(".field-state")).to_contain_text("Taken back by the visitor")


def test_a_call_back_is_asked_for_by_phone_alone(visitor: Page, staff: Page) -> None:
    visitor.goto("/consultation/")
    visitor.click("text=Ask for a call back")
    visitor.fill("#id_name", "Uma")
    visitor.check("#id_channel_1")
    visitor.fill("#id_phone", "503 555 0142")
    visitor.check("#id_voicemail_0")
    visitor.select_option("#id_location", "US-OR")
    visitor.check("#id_adult")
    visitor.check("#id_consent")
    reference = send(visitor)
    expect(visitor.locator("main")).to_contain_text("We will call you.")
    open_consultation(staff, reference)
    expect(staff.locator(".no-voicemail")).to_have_text("NO VOICEMAIL.")
    act(staff, "Confirm with a time")
    expect(staff.locator(".mail-preview")).to_contain_text("No mail: this person left no email")


def test_a_request_is_declined_kindly(visitor: Page, staff: Page, site: DemoSite) -> None:
    visitor.goto("/consultation/details/")
    fill_request(visitor, name="Ines", email="ines@visitor.example")
    reference = send(visitor)
    open_consultation(staff, reference)
    act(staff, "Decline kindly")
    staff.select_option("#id_reason", "scope")
    staff.click("text=Show the mail with these answers")
    expect(staff.locator(".mail-preview pre")).to_be_visible()
    press(staff, "input[type=submit][value='Decline kindly']")
    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("We cannot offer you a call")
    expect(visitor.locator("main")).to_contain_text("Someone with other training can help you")
    expect(visitor.locator("text=Ask for a consultation")).to_be_visible()


def test_faults_keep_every_answer(visitor: Page) -> None:
    visitor.goto("/consultation/details/")
    fill_request(visitor, name="Wren", email="wren at home")
    visitor.uncheck("#id_consent")
    visitor.click(SEND_REQUEST)
    expect(visitor).to_have_title(re.compile("^Error: "))
    summary = visitor.locator(".error-summary")
    expect(summary).to_be_focused()
    expect(summary.locator("li")).to_have_text(
        [
            "Enter an email address, like name@example.com",
            "Tick this so that we may use your answers to reply",
        ]
    )
    expect(visitor.locator("#id_name")).to_have_value("Wren")
    expect(visitor.locator("#id_channel_0")).to_be_checked()
    expect(visitor.locator("#id_email")).to_have_value("wren at home")
    expect(visitor.locator("#id_location")).to_have_value("US-OR")
    expect(visitor.locator(MONDAY_MORNING)).to_be_checked()
    expect(visitor.locator("#id_note")).to_have_value("Mornings are calmer for me.")
    expect(visitor.locator("#id_adult")).to_be_checked()
    visitor.click(".error-summary a >> nth=1")
    expect(visitor.locator("#id_consent")).to_be_focused()
    visitor.check("#id_consent")
    visitor.fill("#id_email", "wren@visitor.example")
    send(visitor)


def test_every_link_of_the_summary_leads_to_a_control(page: Page) -> None:
    page.goto("/consultation/details/")
    page.click(SEND_REQUEST)
    links = page.locator(".error-summary a")
    assert links.count() >= 4
    for link in links.all():
        link.click()
        kind = page.evaluate("document.activeElement.tagName")
        assert kind in ("INPUT", "SELECT", "TEXTAREA"), link.inner_text()


def test_somebody_elsewhere_is_told_before_anything_is_kept(visitor: Page) -> None:
    visitor.goto("/consultation/details/")
    fill_request(visitor, name="Far", email="far@visitor.example")
    visitor.select_option("#id_location", "elsewhere")
    visitor.click(SEND_REQUEST)
    expect(visitor.locator("main")).to_contain_text("Nothing you typed has been stored.")
    expect(visitor.locator("#id_name")).to_have_value("Far")


def test_two_presses_leave_one_request(visitor: Page, staff: Page, site: DemoSite) -> None:
    email = f"twice-{id(visitor)}@visitor.example"
    visitor.goto("/consultation/details/")
    fill_request(visitor, name="Twice", email=email)
    visitor.dblclick(SEND_REQUEST, no_wait_after=True)
    visitor.wait_for_url(OWN_PAGE)
    only_one(visitor, staff, site, email)


def test_going_back_after_sending_makes_no_second_request(
    visitor: Page, staff: Page, site: DemoSite
) -> None:
    email = f"back-{id(visitor)}@visitor.example"
    visitor.goto("/consultation/details/")
    fill_request(visitor, name="Back", email=email)
    send(visitor)
    posts: list[str] = []
    visitor.on("request", lambda sent: posts.append(sent.method))
    visitor.reload()
    visitor.go_back()
    visitor.go_forward()
    assert "POST" not in posts
    only_one(visitor, staff, site, email)


def only_one(visitor: Page, staff: Page, site: DemoSite, email: str) -> None:
    """Staff see one request of this person, and one mail went out."""
    reference = visitor.locator(".done-reference strong").inner_text()
    open_consultation(staff, reference)
    expect(staff.locator(".field-others .readonly")).to_have_text("–")
    mails = eventually(lambda: site.mails_to(email), "the mail to the visitor")
    assert len(mails) == 1


def test_a_request_is_written_by_keyboard_alone(visitor: Page) -> None:
    visitor.goto("/consultation/details/")
    keys = visitor.keyboard
    tab_to(visitor, "#id_location")
    keys.type("Ore")
    tab_to(visitor, "#id_name")
    keys.type("Keys")
    tab_to(visitor, "#id_channel_0")
    keys.press("Space")
    tab_to(visitor, "#id_email")
    keys.type("keys@visitor.example")
    tab_to(visitor, MONDAY_EVENING)
    keys.press("Space")
    tab_to(visitor, "#id_adult")
    keys.press("Space")
    tab_to(visitor, "#id_consent")
    keys.press("Space")
    keys.press("Enter")
    visitor.wait_for_url(OWN_PAGE)
    expect(visitor.locator("h1")).to_have_text("We have your request")


def test_pages_of_every_state_shut_nobody_out(
    new_page: NewPage, staff: Page, site: DemoSite
) -> None:
    page = new_page(reduced_motion="reduce", viewport={"width": 390, "height": 844})
    page.goto(site.ask(email="states@visitor.example"))
    confirm(staff, page.locator(".done-reference strong").inner_text(), next_thursday())
    page.reload()
    expect(page.locator("h1")).to_have_text("Your call is arranged")
    assert barriers(page) == []
    for words in ("Cancel the call", "Yes, cancel"):
        with page.expect_navigation():
            page.click(f"text={words}")
        assert barriers(page) == [], words

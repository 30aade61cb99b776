"""Request a consultation in a browser: sent, confirmed or declined by staff, canceled."""

import re
from email.header import decode_header, make_header

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite, mime_part, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.page_states import SEND_REQUEST_BUTTON
from tests.browser.staff_steps import (
    click_and_wait_for_message,
    confirm_consultation,
    future_thursday_at_ten,
    open_action,
    open_consultation,
)
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser

MONDAY_MORNING = "[name=preferred][value=mon-morning]"
MONDAY_EVENING = "[name=preferred][value=mon-evening]"
MANAGE_URL = re.compile(r"/c/[^/]+/$")


def fill_request_form(page: Page, *, name: str, email: str) -> None:
    page.fill("#id_name", name)
    page.check("#id_channel_0")
    page.fill("#id_email", email)
    page.select_option("#id_location", "US-OR")
    page.check(MONDAY_MORNING)
    if not page.locator("#id_note").is_visible():
        page.click("summary:text-is('More, if you like')")
    page.fill("#id_note", "Mornings are calmer for me.")
    page.check("#id_adult")
    page.check("#id_consent")


def submit_request(page: Page) -> str:
    """Submit the form and return the reference shown on the next page."""
    page.click(SEND_REQUEST_BUTTON)
    page.wait_for_url(MANAGE_URL)
    expect(page.locator("h1")).to_have_text("We have your request")
    return page.locator(".done-panel-reference strong").inner_text()


def test_request_is_confirmed_and_cancelled(
    visitor: Page, staff: Page, site: DemoSite, request: pytest.FixtureRequest
) -> None:
    email = f"{request.node.callspec.id}@visitor.example"
    visitor.goto("/")
    visitor.click(".site-header-button")
    visitor.click("summary:text-is('None of these times work?')")
    visitor.click("text=Tell us times that suit you")
    fill_request_form(visitor, name="Sasha Marl", email=email)
    reference = submit_request(visitor)
    own_page = visitor.url
    assert "Sasha" not in visitor.content()
    assert email not in visitor.content()
    wait_for(lambda: site.mails_to(email), "the mail to the visitor")

    # Different hours, so that both variants of this test find a free time.
    at = future_thursday_at_ten().replace(hour=10 if "no-script" in request.node.name else 13)
    open_consultation(staff, reference)
    expect(staff.locator(".field-shown_name")).to_contain_text("Sasha Marl")
    expect(staff.locator(".field-shown_note")).to_contain_text("Mornings are calmer for me.")
    confirm_consultation(staff, reference, at)

    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("You’re booked")
    expect(visitor.locator(".ticket h2")).to_contain_text(f"{at:%A}, {at:%B} {at.day}")
    mails = wait_for(
        lambda: mails if len(mails := site.mails_to(email)) == 2 else None, "the second mail"
    )
    for mail in mails:
        for part in ("text/plain", "text/html"):
            subject = make_header(decode_header(mail["Subject"]))
            text = f"{subject}\n{mime_part(mail, part)}"
            assert "Sasha" not in text
            assert "Mornings" not in text
            assert own_page.removeprefix(site.url) in text

    visitor.click(".ticket a:text-is('Cancel')")
    expect(visitor.locator("h1")).to_contain_text("Cancel your call on Thursday")
    visitor.click("text=Keep it")
    expect(visitor).to_have_url(own_page)
    visitor.click(".ticket a:text-is('Cancel')")
    visitor.click("text=Yes, cancel")
    expect(visitor.locator("h1")).to_have_text("Your call is canceled")
    open_consultation(staff, reference)
    expect(staff.locator(".field-state")).to_contain_text("Taken back by the visitor")


def test_callback_request_needs_only_a_phone(visitor: Page, staff: Page) -> None:
    visitor.goto("/consultation/")
    visitor.click("summary:text-is('None of these times work?')")
    visitor.click("text=Ask us to call you back")
    visitor.fill("#id_name", "Uma")
    visitor.check("#id_channel_1")
    visitor.fill("#id_phone", "503 555 0142")
    visitor.click("summary:text-is('More, if you like')")
    visitor.check("#id_voicemail_0")
    visitor.select_option("#id_location", "US-OR")
    visitor.check("#id_adult")
    visitor.check("#id_consent")
    reference = submit_request(visitor)
    expect(visitor.locator("main")).to_contain_text("We’ll call you.")
    open_consultation(staff, reference)
    expect(staff.locator(".no-voicemail")).to_have_text("NO VOICEMAIL.")
    open_action(staff, "Confirm a time")
    expect(staff.locator(".mail")).to_contain_text("This person left no email address")


def test_request_is_declined_with_reason(visitor: Page, staff: Page, site: DemoSite) -> None:
    visitor.goto("/consultation/details/")
    fill_request_form(visitor, name="Ines", email="ines@visitor.example")
    reference = submit_request(visitor)
    open_consultation(staff, reference)
    open_action(staff, "Decline kindly")
    staff.select_option("#id_reason", "scope")
    staff.click("text=Show the mail with these answers")
    expect(staff.locator(".mail-preview pre")).to_be_visible()
    click_and_wait_for_message(staff, "input[type=submit][value='Decline kindly']")
    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("We can’t offer you a call")
    expect(visitor.locator("main")).to_contain_text("Someone with other training can help you")
    expect(visitor.locator("text=Ask for a consultation")).to_be_visible()


def test_errors_keep_every_answer(visitor: Page) -> None:
    visitor.goto("/consultation/details/")
    fill_request_form(visitor, name="Wren", email="wren at home")
    visitor.uncheck("#id_consent")
    visitor.click(SEND_REQUEST_BUTTON)
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
    submit_request(visitor)


def test_error_summary_links_focus_fields(page: Page) -> None:
    page.goto("/consultation/details/")
    page.click(SEND_REQUEST_BUTTON)
    links = page.locator(".error-summary a")
    assert links.count() >= 4
    for link in links.all():
        link.click()
        kind = page.evaluate("document.activeElement.tagName")
        assert kind in ("INPUT", "SELECT", "TEXTAREA"), link.inner_text()


def test_out_of_state_visitor_is_told_and_nothing_is_stored(visitor: Page) -> None:
    visitor.goto("/consultation/details/")
    fill_request_form(visitor, name="Far", email="far@visitor.example")
    visitor.select_option("#id_location", "elsewhere")
    visitor.click(SEND_REQUEST_BUTTON)
    expect(visitor.locator("main")).to_contain_text("Nothing you typed has been stored.")
    expect(visitor.locator("#id_name")).to_have_value("Far")


def test_double_click_sends_one_request(visitor: Page, staff: Page, site: DemoSite) -> None:
    email = f"twice-{id(visitor)}@visitor.example"
    visitor.goto("/consultation/details/")
    fill_request_form(visitor, name="Twice", email=email)
    visitor.dblclick(SEND_REQUEST_BUTTON, no_wait_after=True)
    visitor.wait_for_url(MANAGE_URL)
    assert_one_request_and_email(visitor, staff, site, email)


def test_back_and_reload_do_not_resubmit_request(
    visitor: Page, staff: Page, site: DemoSite
) -> None:
    email = f"back-{id(visitor)}@visitor.example"
    visitor.goto("/consultation/details/")
    fill_request_form(visitor, name="Back", email=email)
    submit_request(visitor)
    posts: list[str] = []
    visitor.on("request", lambda sent: posts.append(sent.method))
    visitor.reload()
    visitor.go_back()
    visitor.go_forward()
    assert "POST" not in posts
    assert_one_request_and_email(visitor, staff, site, email)


@pytest.mark.parametrize(("field", "value"), [("name", "Corrected"), ("email", "")])
def test_request_edited_after_back_is_one_request(
    visitor: Page, staff: Page, site: DemoSite, field: str, value: str
) -> None:
    email = f"edit-{field}-{id(visitor)}@visitor.example"
    before = site.count_consultations()
    visitor.goto("/consultation/")
    visitor.click("summary:text-is('None of these times work?')")
    visitor.click("text=Tell us times that suit you")
    fill_request_form(visitor, name="First", email=f"wrong-{email}" if field == "email" else email)
    first = submit_request(visitor)
    visitor.go_back()
    fill_request_form(visitor, name=value or "First", email=email)
    assert submit_request(visitor) == first
    assert site.count_consultations() == before + 1
    open_consultation(staff, first)
    expect(staff.locator(".field-shown_name")).to_contain_text(value or "First")
    expect(staff.locator(".field-others .readonly")).to_have_text("–")
    wait_for(lambda: site.mails_to(email), "the mail to the visitor")


def test_request_sent_from_a_reloaded_form_is_one_request(visitor: Page, site: DemoSite) -> None:
    """Errors, reloads and opening the address again keep the form's key."""
    before = site.count_consultations()
    visitor.goto("/consultation/details/?kind=preferred_times")
    address = visitor.url
    visitor.click(SEND_REQUEST_BUTTON)
    expect(visitor).to_have_title(re.compile("^Error: "))
    assert visitor.url == address
    references = set()
    for name in ("Once", "Twice", "Three times"):
        fill_request_form(visitor, name=name, email=f"again-{id(visitor)}@visitor.example")
        references.add(submit_request(visitor))
        visitor.goto(address)
        visitor.reload()
    assert (len(references), site.count_consultations()) == (1, before + 1)


def assert_one_request_and_email(visitor: Page, staff: Page, site: DemoSite, email: str) -> None:
    """Assert that staff see one request with this email address, and one email was sent."""
    reference = visitor.locator(".done-panel-reference strong").inner_text()
    open_consultation(staff, reference)
    expect(staff.locator(".field-others .readonly")).to_have_text("–")
    mails = wait_for(lambda: site.mails_to(email), "the mail to the visitor")
    assert len(mails) == 1


def test_request_can_be_sent_by_keyboard(visitor: Page) -> None:
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
    visitor.wait_for_url(MANAGE_URL)
    expect(visitor.locator("h1")).to_have_text("We have your request")


def test_manage_pages_pass_axe_in_every_status(
    new_page: NewPage, staff: Page, site: DemoSite
) -> None:
    page = new_page(reduced_motion="reduce", viewport={"width": 390, "height": 844})
    page.goto(site.ask(email="states@visitor.example"))
    confirm_consultation(
        staff, page.locator(".done-panel-reference strong").inner_text(), future_thursday_at_ten()
    )
    page.reload()
    expect(page.locator("h1")).to_have_text("You’re booked")
    assert accessibility_violations(page) == []
    for link in (".ticket a:text-is('Cancel')", "text=Yes, cancel"):
        with page.expect_navigation():
            page.click(link)
        assert accessibility_violations(page) == [], link

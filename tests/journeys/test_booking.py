"""Book, move and cancel a call in a browser.

Covers the keyboard, a small screen, another time zone, a taken slot and double submission.
"""

import re
from collections.abc import Iterator

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite, mime_part, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.staff_steps import click_and_wait_for_message, open_action, open_consultation
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser

BOOK_BUTTON = ".form-end button"
MORE = "summary:text-is('More, if you like')"
CANCEL_LINK = ".ticket a:text-is('Cancel')"
MANAGE_URL = re.compile(r"/c/[^/]+/$")
SMALL_VIEWPORT = {"width": 320, "height": 640}
OVERFLOW_PX_SCRIPT = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def choose_slot(page: Page, number: int = 0, query: str = "") -> str:
    """Open the form of one of the listed slots and return its URL."""
    page.goto(f"/consultation/{query}")
    page.locator("a.slot").nth(number).click()
    page.wait_for_url("**/consultation/details/**")
    return page.url


def later_slot(page: Page) -> Locator:
    """Go on to another day and return its first slot."""
    day = page.locator(".month [aria-current=date]").get_attribute("id")
    page.locator(f".month a:not(#{day})").last.click()
    expect(page.locator(f".month [aria-current=date]:not(#{day})")).to_be_visible()
    return page.locator("a.slot").first


def fill_form(page: Page, *, name: str, email: str) -> None:
    page.select_option("#id_location", "US-OR")
    page.fill("#id_name", name)
    page.fill("#id_email", email)
    if not page.locator("#id_note").is_visible():
        page.click(MORE)
    page.fill("#id_note", "Mornings are calmer for me.")
    page.check("#id_adult")
    page.check("#id_consent")


def backdate_form(page: Page, site: DemoSite) -> None:
    """Set the form's signed time back; an automated browser is too fast and looks like a bot."""
    stamp = page.locator("[name=opened]")
    stamp.evaluate("(field, value) => { field.value = value; }", site.stamp())


def book_slot(page: Page, site: DemoSite, *, name: str, email: str, number: int = 0) -> str:
    """Book a slot and return its time as shown on the page."""
    choose_slot(page, number)
    return send_booking(page, site, name=name, email=email)


def send_booking(page: Page, site: DemoSite, *, name: str, email: str) -> str:
    """Fill in and send the form of a time, and return the time as shown on the form."""
    fill_form(page, name=name, email=email)
    backdate_form(page, site)
    words = chosen_time(page)
    page.click(BOOK_BUTTON)
    page.wait_for_url(MANAGE_URL)
    expect(page.locator("h1")).to_have_text("You’re booked")
    return words


def chosen_time(page: Page) -> str:
    """Return the day and time that the form shows, as in ``Monday, November 30, 9:00 AM``."""
    return ", ".join(page.locator(".chosen-when span").all_inner_texts())


def assert_fits_viewport(page: Page) -> None:
    assert page.evaluate(OVERFLOW_PX_SCRIPT) <= 0, page.url


@pytest.fixture
def practitioner_in_new_york(staff: Page) -> Iterator[str]:
    """Set a demo practitioner's time zone to New York during a test; yield the slug."""
    slug = "theo-lindqvale"

    def move_to(zone: str) -> str:
        staff.goto("/admin/pages/practitioner/")
        staff.click("#result_list tbody th a:has-text('Theo')")
        before = staff.input_value("#id_time_zone")
        staff.select_option("#id_time_zone", zone)
        click_and_wait_for_message(staff, "[name=_save]")
        return before

    before = move_to("America/New_York")
    yield slug
    move_to(before)


def test_booking_across_time_zones_on_small_screen(
    new_page: NewPage, staff: Page, site: DemoSite, practitioner_in_new_york: str
) -> None:
    """Booking, moving and canceling work without JavaScript, and every page fits the viewport."""
    page = new_page(java_script_enabled=False, viewport=SMALL_VIEWPORT)
    watcher = new_page(viewport=SMALL_VIEWPORT, reduced_motion="reduce")
    email = "asha@visitor.example"
    page.goto("/consultation/")
    page.click(f"#who-{practitioner_in_new_york}")
    page.click("#zone-change")
    page.fill("#zone-find", "mumbai")
    page.click("button:text-is('Search')")
    page.click(".zone-list a:has-text('Kolkata')")
    page.wait_for_url("**zone=Asia**")
    expect(page.locator(".booker-zone")).to_contain_text("India Time")
    page.click("#week-next")
    page.locator("a.slot").first.click()
    when = chosen_time(page)
    expect(page.locator(".chosen")).to_contain_text("India Time")
    expect(page.locator("main")).to_contain_text("For us that’s")
    fill_form(page, name="Asha", email=email)
    backdate_form(page, site)
    page.click(BOOK_BUTTON)
    page.wait_for_url(MANAGE_URL)
    expect(page.locator(".ticket h2")).to_have_text(when)
    expect(page.locator(".ticket")).to_contain_text("India Time (UTC+5:30)")
    expect(page.locator(".ticket")).to_contain_text("Eastern Time (UTC-")
    own = page.url
    assert "Asha" not in page.content()
    assert email not in page.content()

    mail = wait_for(lambda: site.mails_to(email), "the confirmation")[0]
    assert "India Time (UTC+5:30)" in mime_part(mail, "text/plain")
    with page.expect_download() as download:
        page.click("text=Add to calendar")
    assert download.value.suggested_filename == "call.ics"

    page.click("text=Reschedule")
    expect(page.locator(".booker-now")).to_contain_text(when.rsplit(", ", 1)[1])
    assert when.rsplit(", ", 1)[1] not in page.locator("a.slot").all_inner_texts()
    page.locator("a.slot").nth(3).click()
    expect(page.locator("h1")).to_have_text("Move your call to this time?")
    page.click("text=Yes, move it")
    page.wait_for_url(MANAGE_URL)
    expect(page.locator(".notice-ok")).to_contain_text("Moved to ")
    expect(page.locator(".notice-ok")).to_contain_text(f"It was {when}.")
    assert page.locator(".ticket h2").inner_text() != when

    for address in (own, f"{own}move/", f"{own}cancel/", "/consultation/?zone=Asia/Kolkata"):
        watcher.goto(address)
        assert_fits_viewport(watcher)
        assert accessibility_violations(watcher) == [], address

    page.click(CANCEL_LINK)
    page.click("text=Yes, cancel")
    expect(page.locator("h1")).to_have_text("Your call is canceled")
    watcher.goto(own)
    assert accessibility_violations(watcher) == []
    page.click("text=Book again")
    expect(page.locator("h1")).to_have_text("Free consultation")
    mails = wait_for(
        lambda: found if len(found := site.mails_to(email)) == 3 else None, "three mails"
    )
    methods = [re.search(r"METHOD:(\w+)", mime_part(one, "text/calendar")) for one in mails]
    assert [found and found[1] for found in methods] == ["REQUEST", "REQUEST", "CANCEL"]


def test_taken_slot_keeps_answers_and_offers_other_slots(
    visitor: Page, new_page: NewPage, site: DemoSite
) -> None:
    form = choose_slot(visitor)
    quicker = new_page(java_script_enabled=False)
    quicker.goto(form)
    fill_form(quicker, name="Quick", email="quick@visitor.example")
    backdate_form(quicker, site)
    fill_form(visitor, name="Slow", email="slow@visitor.example")
    backdate_form(visitor, site)
    quicker.click(BOOK_BUTTON)
    quicker.wait_for_url(MANAGE_URL)

    visitor.click(BOOK_BUTTON)
    summary = visitor.locator(".error-summary")
    expect(summary).to_contain_text("Someone else has taken that time")
    expect(summary).to_be_focused()
    expect(visitor).to_have_title(re.compile("^Error: "))
    for field, value in {
        "#id_name": "Slow",
        "#id_email": "slow@visitor.example",
        "#id_location": "US-OR",
        "#id_note": "Mornings are calmer for me.",
    }.items():
        expect(visitor.locator(field)).to_have_value(value)
    for box in ("#id_adult", "#id_consent"):
        expect(visitor.locator(box)).to_be_checked()
    near = visitor.locator("[name=start]")
    assert near.count() >= 3
    near.first.check()
    visitor.click(BOOK_BUTTON)
    visitor.wait_for_url(MANAGE_URL)
    expect(visitor.locator("h1")).to_have_text("You’re booked")


def test_double_click_and_reload_make_one_booking(
    visitor: Page, new_page: NewPage, site: DemoSite
) -> None:
    """A double click, the Back button and a reload lead to one call and one email."""
    email = f"twice-{id(visitor)}@visitor.example"
    choose_slot(visitor)
    fill_form(visitor, name="Twice", email=email)
    backdate_form(visitor, site)
    visitor.dblclick(BOOK_BUTTON, no_wait_after=True)
    visitor.wait_for_url(MANAGE_URL)
    reference = visitor.locator(".done-panel-reference strong").inner_text()
    posts: list[str] = []
    visitor.on("request", lambda sent: posts.append(sent.method))
    visitor.reload()
    visitor.go_back()
    visitor.go_forward()
    visitor.wait_for_url(MANAGE_URL)
    assert "POST" not in posts
    assert visitor.locator(".done-panel-reference strong").inner_text() == reference
    assert len(wait_for(lambda: site.mails_to(email), "the confirmation")) == 1


def test_two_tabs_cannot_book_the_same_slot(visitor: Page, site: DemoSite) -> None:
    form = choose_slot(visitor)
    other = visitor.context.new_page()
    # The same time, as another form: with its key it would be the same one.
    other.goto(form.partition("&key=")[0])
    for tab in (visitor, other):
        fill_form(tab, name="Tab", email="tabs@visitor.example")
        backdate_form(tab, site)
    visitor.click(BOOK_BUTTON)
    visitor.wait_for_url(MANAGE_URL)
    other.click(BOOK_BUTTON)
    expect(other.locator(".error-summary")).to_contain_text("Someone else has taken that time")
    # Canceled in one tab: the other one, opened before, reports that it can no longer be changed.
    other.goto(visitor.url)
    visitor.click(CANCEL_LINK)
    visitor.click("text=Yes, cancel")
    other.click("text=Reschedule")
    expect(other.locator("h1")).to_have_text("This can no longer be changed here")


def test_booking_edited_after_back_is_one_booking(visitor: Page, site: DemoSite) -> None:
    before = site.count_consultations()
    email = f"edit-{id(visitor)}@visitor.example"
    first = book_slot(visitor, site, name="First", email=email)
    own = visitor.url
    visitor.go_back()
    send_booking(visitor, site, name="Corrected", email=email)
    assert visitor.url == own
    # Another time, by the link on the form: the call moves.
    visitor.go_back()
    visitor.click("text=Change time")
    later_slot(visitor).click()
    second = send_booking(visitor, site, name="Corrected", email=email)
    assert second != first
    expect(visitor.locator(".ticket h2")).to_have_text(second)
    assert visitor.url == own
    assert site.count_consultations() == before + 1


def test_time_chosen_after_back_to_the_times_is_another_booking(
    visitor: Page, site: DemoSite
) -> None:
    """The page with the times is not part of a form; staff see that the two belong together."""
    before = site.count_consultations()
    email = f"two-{id(visitor)}@visitor.example"
    book_slot(visitor, site, name="Two", email=email)
    visitor.go_back()
    visitor.go_back()
    later_slot(visitor).click()
    send_booking(visitor, site, name="Two", email=email)
    assert site.count_consultations() == before + 2


def test_book_move_and_cancel_by_keyboard(visitor: Page, site: DemoSite) -> None:
    keys = visitor.keyboard
    visitor.goto("/consultation/")
    tab_to(visitor, "a.slot", most=80)
    keys.press("Enter")
    visitor.wait_for_url("**/consultation/details/**")
    for field, words in (("#id_name", "Keys"), ("#id_email", "keys@visitor.example")):
        tab_to(visitor, field)
        keys.type(words)
    tab_to(visitor, "#id_location")
    keys.type("Ore")
    for box in ("#id_adult", "#id_consent"):
        tab_to(visitor, box)
        keys.press("Space")
    backdate_form(visitor, site)
    keys.press("Enter")
    visitor.wait_for_url(MANAGE_URL)
    tab_to(visitor, "a:text-is('Reschedule')")
    keys.press("Enter")
    visitor.wait_for_url("**/move/")
    tab_to(visitor, "a.slot")
    keys.press("Enter")
    expect(visitor.locator("h1")).to_have_text("Move your call to this time?")
    tab_to(visitor, "button:text-is('Yes, move it')")
    keys.press("Enter")
    visitor.wait_for_url(MANAGE_URL)
    tab_to(visitor, CANCEL_LINK)
    keys.press("Enter")
    visitor.wait_for_url("**/cancel/")
    tab_to(visitor, "button:text-is('Yes, cancel')")
    keys.press("Enter")
    expect(visitor.locator("h1")).to_have_text("Your call is canceled")


def test_screen_reader_order_and_names(page: Page, site: DemoSite) -> None:
    """The accessibility tree has a logical reading order and descriptive names."""
    page.goto("/consultation/?zone=Asia/Kolkata")
    main = page.locator("main")
    assert_read_in_order(
        main,
        'heading "Free consultation" [level=1]',
        'heading "With" [level=2]',
        'link "Anyone',
        'heading "How we talk" [level=2]',
        'link "Video"',
        "India Time",
        'link "Change the time zone"',
        "[level=2]",
        "- grid",
        'columnheader "',
        " free times",
        "[level=3]",
        'link "',
        "How it works",
        "None of these times work?",
        "If you need help now",
    )
    book_slot(page, site, name="Aloud", email="aloud@visitor.example")
    assert_read_in_order(
        main,
        'heading "You’re booked" [level=1]',
        "Until ",
        "will meet you by video.",
        'link "Add to calendar"',
        'link "Reschedule"',
        'link "Cancel"',
        'textbox "Your private link"',
        'heading "What happens next" [level=2]',
        "a confirmation is on its way to your address that begins with a…",
        "Your reference",
        "Is your email address wrong?",
    )
    page.click(CANCEL_LINK)
    assert_read_in_order(
        main,
        'heading "Cancel your call on',
        'button "Yes, cancel"',
        'link "Keep it"',
    )
    # No page title contains anything that the visitor wrote.
    assert "Aloud" not in page.title()


def assert_read_in_order(main: Locator, *parts: str) -> None:
    heard, place = main.aria_snapshot(), 0
    for part in parts:
        found = heard.find(part, place)
        assert found >= 0, f"{part!r} is not heard, or too early"
        place = found + len(part)


STAFF_PATHS = {
    "week": "/admin/consultations/consultation/week/",
    "waiting": "/admin/consultations/consultation/waiting/",
    "add": "/admin/consultations/consultation/add/",
    "preview": "/admin/consultations/consultationtype/what-visitors-see/",
    "why": "/admin/consultations/consultationtype/what-visitors-see/?type=1&on=2030-01-01&at=10:00",
    "kinds": "/admin/consultations/consultationtype/",
    "new kind": "/admin/consultations/consultationtype/add/",
    "calendars": "/admin/consultations/busysource/",
    "list": "/admin/consultations/consultation/?group=upcoming",
}


def test_staff_booking_pages_pass_axe(
    new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    visitor = new_page()
    page = new_page(storage_state=staff_cookies, reduced_motion="reduce", viewport=SMALL_VIEWPORT)
    for name, address in STAFF_PATHS.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, name
        assert accessibility_violations(page) == [], name
    page.goto("/admin/consultations/practitionerhours/")
    with page.expect_navigation():
        page.click("#result_list tbody th a")
    assert accessibility_violations(page) == [], "hours"
    book_slot(visitor, site, name="Desk", email="desk@visitor.example")
    reference = visitor.locator(".done-panel-reference strong").inner_text()
    open_consultation(page, reference)
    assert accessibility_violations(page) == [], "one"
    for label in ("Move the call", "Cancel the call"):
        open_consultation(page, reference)
        open_action(page, label)
        assert accessibility_violations(page) == [], label


def test_unsaved_notes_survive_an_action(staff: Page, visitor: Page, site: DemoSite) -> None:
    book_slot(visitor, site, name="Noted", email="noted@visitor.example")
    reference = visitor.locator(".done-panel-reference strong").inner_text()
    open_consultation(staff, reference)
    staff.fill("#id_staff_notes", "Prefers to be called Rin.")
    open_action(staff, "Cancel the call")
    expect(staff.locator(".mail-preview pre")).to_contain_text(f"Your reference was {reference}.")
    click_and_wait_for_message(staff, "input[type=submit][value='Cancel the call']")
    open_consultation(staff, reference)
    expect(staff.locator("#id_staff_notes")).to_have_value("Prefers to be called Rin.")
    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("We had to cancel your call")

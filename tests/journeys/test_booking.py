"""Booking a time: chosen, taken, moved, cancelled; by keyboard, small, far away, and twice."""

import re
from collections.abc import Iterator
from email.message import Message

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import barriers
from tests.browser.demo_site import DemoSite, eventually
from tests.browser.fixtures import NewPage
from tests.browser.staff_desk import act, open_consultation, press
from tests.journeys.keyboard import tab_to

pytestmark = pytest.mark.browser

BOOK = "text=Book this call"
OWN_PAGE = re.compile(r"/c/[^/]+/$")
SMALL = {"width": 320, "height": 640}
TOO_WIDE = "document.documentElement.scrollWidth - document.documentElement.clientWidth"


def choose(page: Page, number: int = 0, query: str = "") -> str:
    """Open the form of one of the times on the list; the address of the form."""
    page.goto(f"/consultation/{query}")
    page.locator("a.slot").nth(number).click()
    page.wait_for_url("**/consultation/details/**")
    return page.url


def fill(page: Page, *, name: str, email: str) -> None:
    page.select_option("#id_location", "US-OR")
    page.fill("#id_name", name)
    page.fill("#id_email", email)
    page.check("[name=meeting][value=video]")
    page.fill("#id_note", "Mornings are calmer for me.")
    page.check("#id_adult")
    page.check("#id_consent")


def take_time(page: Page, site: DemoSite) -> None:
    """A browser that is driven types faster than people do, and would be taken for a program."""
    stamp = page.locator("[name=opened]")
    stamp.evaluate("(field, value) => { field.value = value; }", site.stamp())


def book(page: Page, site: DemoSite, *, name: str, email: str, number: int = 0) -> str:
    """The words of the time that was booked."""
    choose(page, number)
    fill(page, name=name, email=email)
    take_time(page, site)
    words = page.locator(".when strong").inner_text()
    page.click(BOOK)
    page.wait_for_url(OWN_PAGE)
    expect(page.locator("h1")).to_have_text("Your call is arranged")
    return words


def fits(page: Page) -> None:
    assert page.evaluate(TOO_WIDE) <= 0, page.url


@pytest.fixture
def new_york(staff: Page) -> Iterator[str]:
    """One of the demo's practitioners, in New York for as long as a test lasts."""
    slug = "theo-lindqvale"

    def move_to(zone: str) -> str:
        staff.goto("/admin/pages/practitioner/")
        staff.click("#result_list tbody th a:has-text('Theo')")
        before = staff.input_value("#id_time_zone")
        staff.select_option("#id_time_zone", zone)
        press(staff, "[name=_save]")
        return before

    before = move_to("America/New_York")
    yield slug
    move_to(before)


def test_from_india_with_new_york_on_a_small_screen(
    new_page: NewPage, staff: Page, site: DemoSite, new_york: str
) -> None:
    """Booked, moved and cancelled without JavaScript, and every page fits."""
    page = new_page(java_script_enabled=False, viewport=SMALL)
    watcher = new_page(viewport=SMALL, reduced_motion="reduce")
    email = "asha@visitor.example"
    page.goto("/consultation/")
    page.select_option("#id_practitioner", new_york)
    page.select_option("#id_zone", "Asia/Kolkata")
    page.click("button:text-is('Show times')")
    page.wait_for_url("**zone=Asia**")
    expect(page.locator(".times-zone")).to_contain_text("Kolkata time (UTC+5:30)")
    expect(page.locator(".times-zone")).to_contain_text("We talk from New York time (UTC-")
    page.locator("a.slot").first.click()
    when = page.locator(".when strong").inner_text()
    assert when.endswith("Kolkata time (UTC+5:30)")
    expect(page.locator("main")).to_contain_text("For us that is")
    fill(page, name="Asha", email=email)
    take_time(page, site)
    page.click(BOOK)
    page.wait_for_url(OWN_PAGE)
    expect(page.locator(".when")).to_contain_text(when.split(", Kolkata")[0])
    expect(page.locator(".when")).to_contain_text("Time in Kolkata, UTC+5:30")
    expect(page.locator("main")).to_contain_text("time in New York, UTC-")
    own = page.url
    assert "Asha" not in page.content()
    assert email not in page.content()

    mail = eventually(lambda: site.mails_to(email), "the confirmation")[0]
    assert "time in Kolkata, UTC+5:30" in part_of(mail, "text/plain")
    with page.expect_download() as download:
        page.click("text=Add it to your calendar")
    assert download.value.suggested_filename == "call.ics"

    page.click("text=Choose another time")
    expect(page.locator("main")).to_contain_text(f"Your call is arranged for {when}")
    page.locator("a.slot").nth(3).click()
    expect(page.locator("h1")).to_have_text("Move your call to this time?")
    other = page.locator(".when strong").inner_text()
    assert other != when
    page.click("text=Yes, move it")
    page.wait_for_url(OWN_PAGE)
    expect(page.locator(".when")).to_contain_text(other.split(", Kolkata")[0])

    for address in (own, f"{own}move/", f"{own}cancel/", "/consultation/?zone=Asia/Kolkata"):
        watcher.goto(address)
        fits(watcher)
        assert barriers(watcher) == [], address

    page.click("text=Cancel the call")
    page.click("text=Yes, cancel")
    expect(page.locator("h1")).to_have_text("You have cancelled your call")
    watcher.goto(own)
    assert barriers(watcher) == []
    page.click("text=Book again")
    expect(page.locator("h1")).to_have_text("Free consultation")
    mails = eventually(
        lambda: found if len(found := site.mails_to(email)) == 3 else None, "three mails"
    )
    methods = [re.search(r"METHOD:(\w+)", part_of(one, "text/calendar")) for one in mails]
    assert [found and found[1] for found in methods] == ["REQUEST", "REQUEST", "CANCEL"]


def part_of(mail: Message, kind: str) -> str:
    body = next(part for part in mail.walk() if part.get_content_type() == kind)
    return bytes(body.get_payload(decode=True)).decode()


def test_a_taken_time_keeps_every_answer_and_takes_one_press_more(
    visitor: Page, new_page: NewPage, site: DemoSite
) -> None:
    form = choose(visitor)
    quicker = new_page(java_script_enabled=False)
    quicker.goto(form)
    fill(quicker, name="Quick", email="quick@visitor.example")
    take_time(quicker, site)
    fill(visitor, name="Slow", email="slow@visitor.example")
    take_time(visitor, site)
    quicker.click(BOOK)
    quicker.wait_for_url(OWN_PAGE)

    visitor.click(BOOK)
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
    for box in ("[name=meeting][value=video]", "#id_adult", "#id_consent"):
        expect(visitor.locator(box)).to_be_checked()
    near = visitor.locator("[name=start]")
    assert near.count() >= 3
    near.first.check()
    visitor.click(BOOK)
    visitor.wait_for_url(OWN_PAGE)
    expect(visitor.locator("h1")).to_have_text("Your call is arranged")


def test_twice_is_once(visitor: Page, new_page: NewPage, site: DemoSite) -> None:
    """A double click, the way back, a reload: one call and one mail."""
    email = f"twice-{id(visitor)}@visitor.example"
    choose(visitor)
    fill(visitor, name="Twice", email=email)
    take_time(visitor, site)
    visitor.dblclick(BOOK, no_wait_after=True)
    visitor.wait_for_url(OWN_PAGE)
    reference = visitor.locator(".done-reference strong").inner_text()
    posts: list[str] = []
    visitor.on("request", lambda sent: posts.append(sent.method))
    visitor.reload()
    visitor.go_back()
    visitor.go_forward()
    visitor.wait_for_url(OWN_PAGE)
    assert "POST" not in posts
    assert visitor.locator(".done-reference strong").inner_text() == reference
    assert len(eventually(lambda: site.mails_to(email), "the confirmation")) == 1


def test_two_tabs_of_one_person_never_make_two_calls_of_one_time(
    visitor: Page, site: DemoSite
) -> None:
    form = choose(visitor)
    other = visitor.context.new_page()
    other.goto(form)
    for tab in (visitor, other):
        fill(tab, name="Tab", email="tabs@visitor.example")
        take_time(tab, site)
    visitor.click(BOOK)
    visitor.wait_for_url(OWN_PAGE)
    other.click(BOOK)
    expect(other.locator(".error-summary")).to_contain_text("Someone else has taken that time")
    # Moved in one tab: the other one, opened before, still says how things stand.
    other.goto(visitor.url)
    visitor.click("text=Cancel the call")
    visitor.click("text=Yes, cancel")
    other.click("text=Choose another time")
    expect(other.locator("h1")).to_have_text("This can no longer be changed here")


def test_a_time_is_booked_moved_and_cancelled_by_keyboard_alone(
    visitor: Page, site: DemoSite
) -> None:
    keys = visitor.keyboard
    visitor.goto("/consultation/")
    tab_to(visitor, "a.slot", most=80)
    keys.press("Enter")
    visitor.wait_for_url("**/consultation/details/**")
    tab_to(visitor, "#id_location")
    keys.type("Ore")
    for field, words in (("#id_name", "Keys"), ("#id_email", "keys@visitor.example")):
        tab_to(visitor, field)
        keys.type(words)
    tab_to(visitor, "[name=meeting]")
    keys.press("ArrowDown")
    for box in ("#id_adult", "#id_consent"):
        tab_to(visitor, box)
        keys.press("Space")
    take_time(visitor, site)
    keys.press("Enter")
    visitor.wait_for_url(OWN_PAGE)
    tab_to(visitor, "a.button:text-is('Choose another time')")
    keys.press("Enter")
    visitor.wait_for_url("**/move/")
    tab_to(visitor, "a.slot")
    keys.press("Enter")
    expect(visitor.locator("h1")).to_have_text("Move your call to this time?")
    tab_to(visitor, "button:text-is('Yes, move it')")
    keys.press("Enter")
    visitor.wait_for_url(OWN_PAGE)
    tab_to(visitor, "a.button:text-is('Cancel the call')")
    keys.press("Enter")
    visitor.wait_for_url("**/cancel/")
    tab_to(visitor, "button:text-is('Yes, cancel')")
    keys.press("Enter")
    expect(visitor.locator("h1")).to_have_text("You have cancelled your call")


def test_the_flow_reads_sensibly_aloud(page: Page, site: DemoSite) -> None:
    """The accessibility tree as a screen reader walks it: one order, names that say what for."""
    page.goto("/consultation/?zone=Asia/Kolkata")
    main = page.locator("main")
    heard_in_order(
        main,
        'heading "Free consultation" [level=1]',
        'heading "Choose a time" [level=2]',
        'combobox "Show times in"',
        "Times are shown in Kolkata time",
        "Next free:",
        "- region",
        "[level=3]",
        'link "',
        'heading "Two other ways" [level=2]',
        'link "Tell us times that suit you"',
        'link "Ask for a call back"',
        "If you need help now",
    )
    day = page.locator("section.slot-day").first
    label = day.locator("h3").inner_text().replace("\n", " ")
    assert re.search(r"\w+day, \d+ \w+ \d+ times?", label)
    assert day.get_attribute("aria-labelledby") == day.locator("h3").get_attribute("id")
    book(page, site, name="Aloud", email="aloud@visitor.example")
    heard_in_order(
        main,
        'heading "Your call is arranged" [level=1]',
        "Your reference",
        "Time in",
        "It takes 20 minutes and costs nothing.",
        "We have mailed this to your address that begins with a…",
        'link "Add it to your calendar"',
        'link "Choose another time"',
        'link "Cancel the call"',
        "Is your email address wrong?",
        'heading "This page is yours" [level=2]',
    )
    page.click("text=Cancel the call")
    heard_in_order(
        main,
        'heading "Cancel your call on',
        'button "Yes, cancel"',
        'link "Keep it"',
    )
    # Every page of it names itself, and no title carries what was written.
    assert "Aloud" not in page.title()


def heard_in_order(main: Locator, *parts: str) -> None:
    heard, place = main.aria_snapshot(), 0
    for part in parts:
        found = heard.find(part, place)
        assert found >= 0, f"{part!r} is not heard, or too early"
        place = found + len(part)


STAFF_PAGES = {
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


def test_staff_pages_shut_nobody_out(
    new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    visitor = new_page()
    page = new_page(storage_state=staff_cookies, reduced_motion="reduce", viewport=SMALL)
    for name, address in STAFF_PAGES.items():
        answer = page.goto(address)
        assert answer is not None
        assert answer.status == 200, name
        assert barriers(page) == [], name
    page.goto("/admin/consultations/practitionerhours/")
    with page.expect_navigation():
        page.click("#result_list tbody th a")
    assert barriers(page) == [], "hours"
    book(visitor, site, name="Desk", email="desk@visitor.example")
    reference = visitor.locator(".done-reference strong").inner_text()
    open_consultation(page, reference)
    assert barriers(page) == [], "one"
    for label in ("Move the call", "Cancel the call"):
        open_consultation(page, reference)
        act(page, label)
        assert barriers(page) == [], label


def test_notes_typed_before_an_act_are_there_afterwards(
    staff: Page, visitor: Page, site: DemoSite
) -> None:
    book(visitor, site, name="Noted", email="noted@visitor.example")
    reference = visitor.locator(".done-reference strong").inner_text()
    open_consultation(staff, reference)
    staff.fill("#id_staff_notes", "Prefers to be called Rin.")
    act(staff, "Cancel the call")
    expect(staff.locator(".mail-preview pre")).to_contain_text("Reference")
    press(staff, "input[type=submit][value='Cancel the call']")
    open_consultation(staff, reference)
    expect(staff.locator("#id_staff_notes")).to_have_value("Prefers to be called Rin.")
    visitor.reload()
    expect(visitor.locator("h1")).to_have_text("We had to cancel your call")

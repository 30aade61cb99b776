"""The booker in a browser: what is seen first, taps and fields, the zone, month by keyboard."""

import re

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_watch import watch_page
from tests.journeys.keyboard import tab_to
from tests.journeys.test_booking import BOOK_BUTTON, CANCEL_LINK, MANAGE_URL, backdate_form

pytestmark = pytest.mark.browser

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1280, "height": 800}
PRACTICE_ZONE = "America/Los_Angeles"
SCROLLED_SCRIPT = "window.scrollY"
LAYOUT_SHIFT_SCRIPT = """() => new Promise(resolve => {
    let sum = 0;
    new PerformanceObserver(list => {
        for (const entry of list.getEntries()) sum += entry.value;
    }).observe({type: "layout-shift", buffered: true});
    requestAnimationFrame(() => requestAnimationFrame(() => setTimeout(() => resolve(sum))));
})"""


class CountingVisitor:
    """Count the taps and typed fields that a booking takes."""

    def __init__(self, page: Page) -> None:
        self.page, self.taps, self.typed = page, 0, 0

    def tap(self, target: str | Locator) -> None:
        place = self.page.locator(target) if isinstance(target, str) else target
        place.first.click()
        self.taps += 1

    def type(self, field: str, words: str) -> None:
        self.page.fill(field, words)
        self.typed += 1


# --- the first screen ---
@pytest.mark.parametrize("size", [PHONE, DESKTOP], ids=["phone", "desktop"])
@pytest.mark.parametrize("script", [True, False], ids=["script", "no-script"])
def test_first_time_is_seen_without_scrolling(new_page: NewPage, size: dict, script: bool) -> None:
    page = new_page(viewport=size, java_script_enabled=script, timezone_id=PRACTICE_ZONE)
    page.goto("/consultation/")
    box = page.locator("a.slot").first.bounding_box()
    assert box is not None
    assert box["y"] + box["height"] <= size["height"]
    # And the text that explains it is below.
    explained = page.locator("summary:text-is('How it works')").bounding_box()
    assert explained is not None
    assert explained["y"] > box["y"]


def test_week_strip_on_a_phone_opens_to_the_month(new_page: NewPage) -> None:
    page = new_page(viewport=PHONE, java_script_enabled=False)
    page.goto("/consultation/")
    weeks = page.locator(".month tbody tr")
    assert weeks.count() >= 4
    assert [week.is_visible() for week in weeks.all()].count(True) == 1
    page.click("text=Whole month")
    assert all(week.is_visible() for week in weeks.all())


# --- taps and fields ---
@pytest.mark.parametrize("start", ["/", "service"])
def test_booking_takes_five_taps_and_three_fields(
    new_page: NewPage, site: DemoSite, start: str
) -> None:
    """Each of the two questions that the demo practice has switched on takes one tap more."""
    page = new_page(viewport=PHONE, timezone_id=PRACTICE_ZONE)
    person = CountingVisitor(page)
    page.goto("/" if start == "/" else "/services/counseling-for-individuals/")
    person.tap("main a[href*='/consultation/']:visible")
    page.wait_for_url("**/consultation/**")
    person.tap("a.slot")
    page.wait_for_url("**/details/**")
    person.type("#id_name", "Nia")
    person.type("#id_email", "nia@visitor.example")
    switched_on = 0
    if page.locator("#id_location").count():
        page.select_option("#id_location", "US-OR")
        switched_on += 1
    if page.locator("#id_adult").count():
        page.check("#id_adult")
        switched_on += 1
    person.tap("#id_consent")
    backdate_form(page, site)
    person.tap(BOOK_BUTTON)
    page.wait_for_url(MANAGE_URL)
    expect(page.locator("h1")).to_have_text("You’re booked")
    assert person.taps + switched_on <= 6
    assert person.taps <= 5
    assert person.typed <= 3


def test_service_is_carried_into_the_form(visitor: Page) -> None:
    visitor.goto("/services/coaching/")
    visitor.locator("main a[href*='/consultation/']").first.click()
    visitor.wait_for_url("**service=coaching**")
    expect(visitor.locator(".booker-facts")).to_contain_text("About Coaching")
    visitor.locator("a.slot").first.click()
    visitor.wait_for_url("**/details/**")
    expect(visitor.locator("[name=service]")).to_have_value("coaching")
    # Coaching needs no license, so nobody is asked for a state.
    assert visitor.locator("#id_location").count() == 0


# --- the zone ---
@pytest.mark.parametrize(
    ("zone", "name"),
    [
        ("America/New_York", "Eastern Time"),
        ("Asia/Kolkata", "India Time"),
        ("Europe/London", "UK Time"),
        ("UTC", "UTC"),
    ],
)
def test_zone_is_detected_and_kept_in_the_address(new_page: NewPage, zone: str, name: str) -> None:
    page = new_page(timezone_id=zone)
    page.goto("/consultation/")
    shown = page.locator(".booker-zone strong")
    expect(shown).to_have_text(name)
    expect(page.locator("#booker")).to_have_attribute("data-zone", zone)
    assert "zone=" in page.url
    assert page.context.cookies() == []
    page.locator("a.slot").first.click()
    page.wait_for_url("**/details/**")
    expect(page.locator(".chosen")).to_contain_text(name)
    page.go_back()
    expect(page.locator(".booker-zone strong")).to_have_text(name)


def test_zone_in_the_address_wins_over_the_detected_one(new_page: NewPage) -> None:
    page = new_page(timezone_id="Asia/Kolkata")
    page.goto("/consultation/?zone=America/Denver")
    expect(page.locator(".booker-zone")).to_contain_text("Mountain Time")
    page.wait_for_load_state("networkidle")
    expect(page.locator(".booker-zone")).to_contain_text("Mountain Time")


def test_request_form_begins_with_the_detected_zone(new_page: NewPage) -> None:
    page = new_page(timezone_id="Asia/Kolkata")
    page.goto("/consultation/details/?kind=preferred_times")
    expect(page.locator("#id_zone")).to_have_value("Asia/Kolkata")


def test_zone_is_searched_by_city(visitor: Page) -> None:
    visitor.goto("/consultation/?zone=UTC")
    visitor.click("#zone-change")
    visitor.fill("#zone-find", "chennai")
    visitor.press("#zone-find", "Enter")
    # With script the list has narrowed in place; without, the server has searched.
    expect(visitor.locator(".zone-list li:visible")).to_have_count(1)
    visitor.click(".zone-list a:visible:has-text('Kolkata')")
    visitor.wait_for_url(re.compile(r"zone=Asia%2FKolkata"))
    expect(visitor.locator(".booker-zone strong")).to_have_text("India Time")


# --- without a reload ---
def test_choosing_a_day_neither_reloads_nor_scrolls(new_page: NewPage, site: DemoSite) -> None:
    page = new_page(viewport=PHONE, timezone_id=PRACTICE_ZONE)
    watch = watch_page(page, site.url)
    page.goto("/consultation/")
    page.evaluate("window.stillHere = true")
    page.evaluate("window.scrollTo(0, 150)")
    before = page.locator("#times-title").inner_text()
    day = page.locator(".month a:visible:not([aria-current])").first
    day_id = day.get_attribute("id")
    # By script, because the test's own click would scroll the day into view.
    day.evaluate("link => { link.focus({preventScroll: true}); link.click(); }")
    expect(page.locator("#times-title")).not_to_have_text(before)
    expect(page.locator(f"#{day_id}")).to_be_focused()
    assert page.evaluate("window.stillHere")
    assert page.evaluate(SCROLLED_SCRIPT) == 150
    expect(page.locator("#booker-status")).to_contain_text("free time")
    page.go_back()
    expect(page.locator("#times-title")).to_have_text(before)
    assert page.evaluate("window.stillHere")
    page.reload()
    expect(page.locator("#times-title")).to_have_text(before)
    assert accessibility_violations(page) == []
    assert watch.complaints() == []


def test_detecting_the_zone_shifts_nothing_on_a_desktop(new_page: NewPage) -> None:
    page = new_page(viewport=DESKTOP, timezone_id="Asia/Kolkata")
    page.goto("/consultation/")
    expect(page.locator(".booker-zone strong")).to_have_text("India Time")
    page.evaluate("document.fonts.ready")
    assert page.evaluate(LAYOUT_SHIFT_SCRIPT) == 0


def test_failed_fetch_falls_back_to_the_link(new_page: NewPage) -> None:
    page = new_page(timezone_id=PRACTICE_ZONE)
    page.goto("/consultation/")
    page.evaluate("() => { window.fetch = () => Promise.reject(new Error('offline')); }")
    link = page.locator(".month a:not([aria-current])").first
    href = link.get_attribute("href")
    assert href is not None
    link.click()
    page.wait_for_url(f"**{href}")


# --- the month by keyboard ---
def test_arrows_move_in_the_month(new_page: NewPage) -> None:
    page = new_page(timezone_id=PRACTICE_ZONE)
    page.goto("/consultation/")
    keys = page.keyboard
    grid = page.get_by_role("grid")
    expect(grid).to_be_visible()
    # One stop of the Tab key for the whole month.
    assert grid.locator("[tabindex='0']").count() == 1
    tab_to(page, ".month [aria-current=date]")
    first = page.evaluate("document.activeElement.id")
    keys.press("ArrowRight")
    second = page.evaluate("document.activeElement.id")
    assert second > first
    keys.press("ArrowLeft")
    assert page.evaluate("document.activeElement.id") == first
    keys.press("ArrowDown")
    week_later = page.evaluate("document.activeElement.id")
    keys.press("ArrowUp")
    assert page.evaluate("document.activeElement.id") == first
    assert week_later > second
    keys.press("End")
    assert page.evaluate("document.activeElement.closest('td').cellIndex") == 6
    keys.press("Home")
    assert page.evaluate("document.activeElement.closest('td').cellIndex") == 0
    assert accessibility_violations(page) == []


def test_keyboard_chooses_a_day_and_a_time(new_page: NewPage) -> None:
    page = new_page(timezone_id=PRACTICE_ZONE)
    page.goto("/consultation/")
    before = page.locator("#times-title").inner_text()
    tab_to(page, ".month [aria-current=date]")
    for _step in range(8):
        page.keyboard.press("ArrowRight")
        if page.evaluate("document.activeElement.tagName") == "A":
            break
    page.keyboard.press("Enter")
    expect(page.locator("#times-title")).not_to_have_text(before)
    tab_to(page, "a.slot")
    page.keyboard.press("Enter")
    page.wait_for_url("**/details/**")


# --- links that are no longer true ---
def test_link_to_a_past_time_says_so_and_offers_others(visitor: Page) -> None:
    visitor.goto("/consultation/details/?start=2026-01-05T17:00Z&zone=America/Los_Angeles")
    visitor.wait_for_url("**/consultation/?**")
    notice = visitor.locator(".booker-gone")
    expect(notice).to_contain_text("Monday, January 5, 9:00 AM has passed.")
    notice.locator("a").first.click()
    visitor.wait_for_url("**/details/**")
    expect(visitor.locator("#id_name")).to_be_visible()


def test_canceled_call_can_be_booked_again(visitor: Page, site: DemoSite) -> None:
    visitor.goto(site.book(email="again@visitor.example"))
    visitor.click(CANCEL_LINK)
    visitor.click("text=Yes, cancel")
    visitor.click("text=Book again")
    expect(visitor.locator("a.slot").first).to_be_visible()
    assert "zone=Asia%2FKolkata" in visitor.url


# --- the booked page ---
def test_booked_page_gives_the_private_link(new_page: NewPage, site: DemoSite) -> None:
    page = new_page(permissions=["clipboard-read", "clipboard-write"])
    own = site.book(email="link@visitor.example")
    page.goto(own)
    address = page.locator("#private-link").input_value()
    assert address.endswith(own)
    page.click("button:text-is('Copy')")
    expect(page.locator("button:text-is('Copied')")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == address
    # No other host is linked from a private page.
    hosts = page.eval_on_selector_all("main a[href]", "links => links.map(link => link.host)")
    assert set(hosts) <= {page.evaluate("location.host"), ""}


# --- shapes ---
@pytest.mark.parametrize("direction", ["ltr", "rtl"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_booker_fits_small_screens_and_large_text(
    new_page: NewPage, direction: str, scheme: str
) -> None:
    page = new_page(
        viewport={"width": 320, "height": 640}, color_scheme=scheme, reduced_motion="reduce"
    )
    for path in ("/consultation/", "/consultation/?choose=zone"):
        page.goto(path)
        page.evaluate("direction => { document.documentElement.dir = direction; }", direction)
        assert (
            page.evaluate(
                "document.documentElement.scrollWidth - document.documentElement.clientWidth"
            )
            <= 0
        )
        assert accessibility_violations(page) == [], path
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/consultation/")
    page.evaluate("document.documentElement.style.setProperty('font-size', '200%')")
    assert (
        page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        <= 0
    )

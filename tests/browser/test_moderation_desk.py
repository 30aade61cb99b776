"""Tests for the moderation desk: keyboard only, without JavaScript, and accessibility."""

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH
from tests.browser.page_watch import watch_page

pytestmark = pytest.mark.browser

QUEUE_PATH = "/admin/consultations/comment/"
LIVE_REGION = "#desk-live"
KEY_INTERVAL_MS = 200  # five keys a second


def tab_count(staff: Page, label: str) -> int:
    return int(staff.locator(".desk-tabs a", has_text=label).locator("span").inner_text())


def expect_tab_count(staff: Page, label: str, count: int) -> None:
    expect(staff.locator(".desk-tabs a", has_text=label).locator("span")).to_have_text(str(count))


def current_key(staff: Page) -> str:
    """Return the comment that is marked: what the keys act on."""
    return str(staff.locator("[data-item][aria-current]").get_attribute("data-item"))


def listed_keys(staff: Page) -> list[str]:
    return [str(key) for key in staff.eval_on_selector_all("[data-item]", KEYS_OF_ITEMS)]


KEYS_OF_ITEMS = "items => items.map((item) => item.dataset.item)"


def all_keys(staff: Page, folder: str) -> set[str]:
    """Return the comments of a folder, from all of its pages as the server shows them."""
    keys: set[str] = set()
    url = f"{QUEUE_PATH}?status={folder}"
    while url:
        staff.goto(url)
        keys |= set(listed_keys(staff))
        more = staff.locator(".desk-pages [rel=next]")
        url = QUEUE_PATH + str(more.get_attribute("href")) if more.count() else ""
    return keys


def press_key_and_wait(staff: Page, key: str) -> None:
    """Press a key and wait for the response."""
    with staff.expect_response(lambda response: response.request.method == "POST"):
        staff.keyboard.press(key)


def add_comments(site: DemoSite, count: int, word: str) -> None:
    for number in range(count):
        site.comment(
            ARTICLE_PATH, text=f"{word} {number} of {count}.", email=f"{word}{number}@example.org"
        )


def test_fifty_comments_at_five_keys_a_second_lose_no_press(staff: Page, site: DemoSite) -> None:
    add_comments(site, 50, "Thought")
    watch = watch_page(staff, site.url)
    before = {name: all_keys(staff, name) for name in ("approved", "spam", "trash")}
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    assert waiting >= 50
    expected: dict[str, set[str]] = {"a": set(), "s": set(), "t": set()}
    for number in range(50):
        key = "ast"[number % 3] if number % 5 else "a"
        expected[key].add(current_key(staff))
        staff.keyboard.press(key)
        staff.wait_for_timeout(KEY_INTERVAL_MS)
    assert sum(map(len, expected.values())) == 50
    expect_tab_count(staff, "Waiting", waiting - 50)
    # Exactly what was marked when its key was pressed.
    assert all_keys(staff, "approved") - before["approved"] == expected["a"]
    assert all_keys(staff, "spam") - before["spam"] == expected["s"]
    assert all_keys(staff, "trash") - before["trash"] == expected["t"]
    assert watch.complaints() == []


def test_ten_keys_approve_ten_comments_and_undo_brings_each_back(
    staff: Page, site: DemoSite
) -> None:
    add_comments(site, 10, "Tenth")
    before = all_keys(staff, "approved")
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    first_ten = listed_keys(staff)[:10]
    for _number in range(10):
        staff.keyboard.press("a")
    expect(staff.locator("#desk-toast")).to_contain_text("Approved the comment by")
    expect(staff.locator("[data-item]")).to_have_count(waiting - 10)
    expect_tab_count(staff, "Waiting", waiting - 10)
    for number in range(10):
        if number % 2:
            staff.click("#desk-undo")
        else:
            staff.keyboard.press("z")
        assert current_key(staff) == first_ten[9 - number]
    expect_tab_count(staff, "Waiting", waiting)
    assert listed_keys(staff)[:10] == first_ten
    assert all_keys(staff, "approved") == before
    staff.goto(QUEUE_PATH)
    assert listed_keys(staff)[:10] == first_ten


def test_chosen_comments_are_what_a_key_acts_on(staff: Page, site: DemoSite) -> None:
    add_comments(site, 4, "Chosen")
    before = all_keys(staff, "approved")
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    keys = listed_keys(staff)
    staff.keyboard.press("j")
    staff.keyboard.press("x")
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("x")
    staff.keyboard.press("k")
    expect(staff.locator("#desk-chosen")).to_have_text("2 chosen")
    assert current_key(staff) == keys[2]
    staff.keyboard.press("a")
    expect(staff.locator(LIVE_REGION)).to_have_text("Approved 2 comments")
    assert current_key(staff) == keys[2]
    expect_tab_count(staff, "Waiting", waiting - 2)
    assert all_keys(staff, "approved") - before == {keys[1], keys[3]}
    staff.goto(QUEUE_PATH)
    expect(staff.locator("#desk-result")).to_contain_text("2 comments published.")
    with staff.expect_navigation():
        staff.keyboard.press("z")
    expect_tab_count(staff, "Waiting", waiting)


def test_a_page_of_comments_takes_two_clicks(staff: Page, site: DemoSite) -> None:
    add_comments(site, 3, "Paged")
    staff.goto(QUEUE_PATH)
    waiting, shown = tab_count(staff, "Waiting"), set(listed_keys(staff))
    expect(staff.locator(".desk-bulk-buttons")).to_be_hidden()
    staff.click("#desk-all")
    staff.click(".desk-bulk button[value=spam]")
    expect_tab_count(staff, "Waiting", waiting - len(shown))
    staff.keyboard.press("z")
    expect_tab_count(staff, "Waiting", waiting)
    assert all_keys(staff, "waiting") >= shown


def test_double_click_and_held_key_act_once(staff: Page, site: DemoSite) -> None:
    add_comments(site, 4, "Once")
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    staff.locator("[data-item] button:text-is('Trash')").first.dblclick()
    expect_tab_count(staff, "Waiting", waiting - 1)
    staff.keyboard.down("t")
    staff.keyboard.down("t")  # repeats, as a key that is held
    staff.keyboard.up("t")
    expect_tab_count(staff, "Waiting", waiting - 2)


def test_press_that_does_not_arrive_puts_the_comment_back(staff: Page, site: DemoSite) -> None:
    add_comments(site, 2, "Lost")
    staff.goto(QUEUE_PATH)
    waiting, keys = tab_count(staff, "Waiting"), listed_keys(staff)
    staff.context.set_offline(True)
    staff.keyboard.press("a")
    staff.keyboard.press("s")
    expect(staff.locator("#desk-toast")).to_contain_text("That didn’t go through")
    assert listed_keys(staff) == keys
    staff.context.set_offline(False)
    staff.reload()
    assert tab_count(staff, "Waiting") == waiting


def test_comment_edited_meanwhile_is_not_published(
    staff: Page, new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    add_comments(site, 2, "Raced")
    staff.goto(QUEUE_PATH)
    first = current_key(staff)
    colleague = new_page(storage_state=staff_cookies)
    colleague.goto(QUEUE_PATH)
    press_key_and_wait(colleague, "t")
    press_key_and_wait(staff, "a")
    expect(staff.locator("#desk-problems")).to_contain_text("Meanwhile: moved to the trash")
    assert first not in listed_keys(staff)
    assert first in all_keys(staff, "trash")


def test_keys_open_reply_redact_and_the_page(staff: Page, site: DemoSite) -> None:
    add_comments(site, 1, "Opened")
    for key, ending in (("r", "/reply/"), ("e", "/redact/"), ("o", "/change/")):
        staff.goto(QUEUE_PATH)
        with staff.expect_navigation():
            staff.keyboard.press(key)
        assert urlsplit(staff.url).path.endswith(ending)


def test_shortcuts_ignore_typing_modifiers_and_can_be_disabled(staff: Page, site: DemoSite) -> None:
    site.comment(ARTICLE_PATH, text="Left alone by keys.", email="alone@example.org")
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    staff.click("#desk-find summary")
    staff.fill("#desk-q", "")
    staff.type("#desk-q", "jaskstxz?")
    expect(staff.locator("#desk-q")).to_have_value("jaskstxz?")
    staff.locator("[data-item]").first.focus()
    for key in ("Control+a", "Alt+s", "Meta+t"):
        staff.keyboard.press(key)
    staff.click("#desk-keys summary")
    staff.locator("[data-item]").first.focus()
    staff.keyboard.press("?")
    expect(staff.locator("#desk-keys")).to_have_attribute("open", "")
    expect(staff.locator("#desk-keys summary")).to_be_focused()
    staff.click("#desk-keys-switch")
    expect(staff.locator("#desk-keys-switch")).to_have_text("Turn shortcuts on")
    staff.reload()
    staff.locator("[data-item]").first.focus()
    staff.keyboard.press("a")
    staff.keyboard.press("t")
    assert tab_count(staff, "Waiting") == waiting
    staff.click("#desk-keys-switch")
    expect(staff.locator("#desk-keys-switch")).to_have_text("Turn shortcuts off")


def test_moderation_works_without_javascript(
    new_page: NewPage, staff_cookies: dict, site: DemoSite
) -> None:
    staff = new_page(storage_state=staff_cookies, java_script_enabled=False)
    words = "Decided on without a script."
    site.comment(ARTICLE_PATH, text=words, email="plain@example.org")
    staff.goto(QUEUE_PATH)
    item = staff.locator("[data-item]", has_text=words)
    item.locator("button:text-is('Approve')").click()
    expect(staff.locator("#desk-result")).to_contain_text("1 comment published.")
    assert words in site.get(ARTICLE_PATH).text
    staff.click("#desk-result button:text-is('Undo')")
    expect(staff.locator("#desk-result")).to_contain_text("1 action undone.")
    assert words not in site.get(ARTICLE_PATH).text
    with staff.expect_navigation():
        staff.click("text=Choose all on this page")
    assert staff.locator("[data-pick]:checked").count() == staff.locator("[data-pick]").count()

    # The guard warns about the reply; it is published only after a decision.
    item = staff.locator("[data-item]", has_text=words)
    item.locator("a:text-is('Reply')").click()
    staff.fill("#id_text", "I am glad that our session helped.")
    staff.click("button:text-is('Approve and publish the reply')")
    expect(staff.locator(".highlighted-text mark")).to_have_text("glad that our session")
    assert "our session helped" not in site.get(ARTICLE_PATH).text
    expect(staff.locator("#id_text")).to_have_value("I am glad that our session helped.")
    staff.click("text=Take the neutral wording")
    neutral = staff.input_value("#id_text")
    assert "session" not in neutral
    staff.click("button:text-is('Approve and publish the reply')")
    expect(staff.locator("#desk-result")).to_contain_text(
        "The comment and your reply are published."
    )
    html = site.get(ARTICLE_PATH).text
    assert words in html
    assert site.login["username"] not in html


def test_redacted_text_never_reaches_readers(staff: Page, site: DemoSite) -> None:
    site.comment(
        ARTICLE_PATH, text="My sister Ottoline in Larkspur felt so.", email="o@example.org"
    )
    staff.goto(QUEUE_PATH)
    staff.locator("[data-item]", has_text="Ottoline").locator("a:text-is('Redact')").click()
    staff.fill("#id_text", "My sister [name] in [a town] felt so.")
    staff.click("text=Show what readers will see")
    expect(staff.locator(".desk-preview")).to_contain_text("[edited for privacy by the practice]")
    staff.click("button:text-is('Redact and approve')")
    expect(staff.locator("#desk-result")).to_contain_text("The original is kept for staff.")
    html = site.get(ARTICLE_PATH).text
    assert "My sister [name] in [a town] felt so." in html
    assert "Ottoline" not in html


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 390), ("light", 320)])
def test_moderation_pages_pass_axe(
    new_page: NewPage, staff_cookies: dict, site: DemoSite, scheme: str, width: int
) -> None:
    page = new_page(
        storage_state=staff_cookies,
        color_scheme=scheme,
        reduced_motion="reduce",
        viewport={"width": width, "height": 900},
    )
    watch = watch_page(page, site.url)
    words = f"For every eye, {scheme} {width}. " + "longword" * 40 + " שלום " + "🙂" * 40
    site.comment(
        ARTICLE_PATH, text=words, name="A long name of a reader " * 3, email="e@example.org"
    )
    found: list[str] = []

    def look(name: str) -> None:
        found.extend(f"{name}: {line}" for line in accessibility_violations(page))
        wide = page.evaluate("document.documentElement.scrollWidth - innerWidth")
        if wide > 0:
            found.append(f"{name}: {wide} px too wide")

    page.goto(QUEUE_PATH)
    page.click("#desk-find summary")
    look("queue")
    page.locator("[data-item]", has_text=f"{scheme} {width}").locator("[data-pick]").check()
    page.evaluate("document.getElementById('desk-toast').hidden = false")
    look("chosen, with a toast")
    href = page.locator("[data-item]", has_text=f"{scheme} {width}").locator("h2 a")
    change_url = str(href.get_attribute("href"))
    page.goto(change_url)
    look("detail")
    with page.expect_navigation():
        page.click("text=Reveal the email address")
    look("revealed")
    page.goto(change_url.replace("/change/", "/reply/"))
    look("reply")
    page.fill("#id_text", "Dear Margaret, our session was good. You should take 20 mg of it.")
    with page.expect_navigation():
        page.click("button:text-is('Check the wording only')")
    expect(page.locator(".highlighted-text mark")).to_have_count(3)
    look("warned")
    page.goto(change_url.replace("/change/", "/redact/"))
    with page.expect_navigation():
        page.click("text=Show what readers will see")
    look("redact")
    page.goto(change_url.replace("/change/", "/erase/"))
    look("erase")
    for folder in ("trash", "reported"):
        page.goto(f"{QUEUE_PATH}?status={folder}")
        look(folder)
    assert found == []
    assert watch.complaints() == []

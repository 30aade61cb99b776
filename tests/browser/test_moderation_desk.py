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


def tab_count(staff: Page, label: str) -> int:
    words = staff.locator(".desk-tabs a", has_text=label).inner_text()
    return int(words.partition("(")[2].rstrip(")"))


def focused_id(staff: Page) -> str:
    return str(staff.evaluate("document.activeElement.id"))


def press_key_and_wait(staff: Page, key: str) -> None:
    """Press a key and wait for the response."""
    before = staff.locator("#desk").element_handle()
    assert before is not None
    staff.keyboard.press(key)
    before.wait_for_element_state("hidden")  # replaced by the next page from the server
    staff.wait_for_selector("#desk:not([aria-busy])")


def test_fifty_comments_can_be_moderated_by_keyboard(staff: Page, site: DemoSite) -> None:
    for number in range(50):
        site.comment(
            ARTICLE_PATH, text=f"Thought {number} of fifty.", email=f"k{number}@example.org"
        )
    watch = watch_page(staff, site.url)
    staff.goto(QUEUE_PATH)
    waiting, published = tab_count(staff, "Waiting"), tab_count(staff, "Published")
    spam, trash = tab_count(staff, "Spam"), tab_count(staff, "Trash")
    assert waiting >= 50
    # If no comment has focus, an action key only focuses the first one.
    staff.keyboard.press("a")
    first = focused_id(staff)
    assert first.startswith("c-")
    assert tab_count(staff, "Waiting") == waiting
    staff.keyboard.press("j")
    assert focused_id(staff) not in ("", first)
    staff.keyboard.press("k")
    assert focused_id(staff) == first

    keys = {"a": "published", "s": "marked as spam", "t": "moved to the trash"}
    done = dict.fromkeys(keys, 0)
    for number in range(50):
        key = "ast"[number % 3] if number % 5 else "a"
        here = focused_id(staff)
        press_key_and_wait(staff, key)
        done[key] += 1
        expect(staff.locator(LIVE_REGION)).to_have_text(f"1 comment {keys[key]}.")
        if number < waiting - 1:
            assert focused_id(staff).startswith("c-")
            assert focused_id(staff) != here
    assert tab_count(staff, "Published") == published + done["a"]
    assert tab_count(staff, "Spam") == spam + done["s"]
    assert tab_count(staff, "Trash") == trash + done["t"]

    press_key_and_wait(staff, "z")
    expect(staff.locator(LIVE_REGION)).to_have_text("1 act undone.")
    assert tab_count(staff, "Waiting") == waiting - 49
    assert focused_id(staff).startswith("c-")
    assert watch.complaints() == []


def test_shortcuts_select_open_reply_and_redact(staff: Page, site: DemoSite) -> None:
    for number in range(2):
        site.comment(ARTICLE_PATH, text=f"Chosen {number}.", email=f"x{number}@example.org")
    staff.goto(QUEUE_PATH)
    waiting = tab_count(staff, "Waiting")
    staff.keyboard.press("j")
    staff.keyboard.press("x")
    staff.keyboard.press("ArrowDown")
    staff.keyboard.press("x")
    expect(staff.locator("[data-pick]:checked")).to_have_count(2)
    staff.click(".desk-bulk button:text-is('Trash')")
    expect(staff.locator(LIVE_REGION)).to_have_text("2 comments moved to the trash.")
    assert tab_count(staff, "Waiting") == waiting - 2
    press_key_and_wait(staff, "z")
    expect(staff.locator(LIVE_REGION)).to_have_text("2 acts undone.")
    assert tab_count(staff, "Waiting") == waiting
    for key, ending in (("r", "/reply/"), ("e", "/redact/"), ("o", "/change/")):
        staff.goto(QUEUE_PATH)
        staff.keyboard.press("j")
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
    staff.keyboard.press("?")
    expect(staff.locator("#desk-keys")).to_have_attribute("open", "")
    expect(staff.locator("#desk-keys summary")).to_be_focused()
    staff.click("#desk-keys-switch")
    expect(staff.locator("#desk-keys-switch")).to_have_text("Switch the shortcuts on")
    staff.reload()
    staff.locator("[data-item]").first.focus()
    staff.keyboard.press("a")
    staff.keyboard.press("t")
    assert tab_count(staff, "Waiting") == waiting
    staff.click("#desk-keys summary")
    staff.click("#desk-keys-switch")
    expect(staff.locator("#desk-keys-switch")).to_have_text("Switch the shortcuts off")


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
    expect(staff.locator("#desk-result")).to_contain_text("1 act undone.")
    assert words not in site.get(ARTICLE_PATH).text
    with staff.expect_navigation():
        staff.click("text=Choose all on this page")
    assert staff.locator("[data-pick]:checked").count() == staff.locator("[data-pick]").count()

    # The guard warns about the reply; it is published only after a decision.
    item = staff.locator("[data-item]", has_text=words)
    item.locator("a:text-is('Approve and reply')").click()
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
    staff.locator("[data-item]", has_text="Ottoline").locator(
        "a:text-is('Redact and approve')"
    ).click()
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
    page.click("#desk-keys summary")
    page.click("#desk-find summary")
    look("queue")
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

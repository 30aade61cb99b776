"""Tests for layout: overflow in both writing directions, print, forced colors, reduced motion."""

import pytest
from playwright.sync_api import Page

from tests.browser.accessibility import settle
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, PAGE_STATES, PageState

pytestmark = pytest.mark.browser

WIDTHS = (320, 390, 768, 1280)
# Lists elements that overflow the page without their own scroll area, and the extra width.
OVERFLOW_SCRIPT = """() => {
    const width = document.documentElement.clientWidth;
    const scrolls = element => {
        for (let up = element.parentElement; up && up !== document.body; up = up.parentElement) {
            if (getComputedStyle(up).overflowX !== "visible") return true;
        }
        return false;
    };
    const out = [...document.body.querySelectorAll("*")].filter(element => {
        const box = element.getBoundingClientRect();
        const hidden = element.closest(".visually-hidden, .field-decoy, .skip-link, svg *");
        return !hidden && box.width > 0 && (box.right > width + 1 || box.left < -1)
            && !scrolls(element);
    }).map(element => `${element.tagName}.${element.className}`);
    const wide = document.documentElement.scrollWidth - width;
    return wide > 0 ? [`the page is ${wide} px too wide`, ...out] : out;
}"""


@pytest.mark.sampled
@pytest.mark.parametrize("surface", PAGE_STATES, ids=lambda surface: surface.name)
def test_no_horizontal_overflow(page: Page, site: DemoSite, surface: PageState) -> None:
    surface.show(page, site)
    settle(page)
    found: list[str] = []
    for direction in ("ltr", "rtl"):
        page.evaluate("dir => { document.documentElement.dir = dir; }", direction)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 900})
            found += [f"{direction} {width}: {line}" for line in page.evaluate(OVERFLOW_SCRIPT)]
    page.evaluate("document.documentElement.style.fontSize = '200%'")
    found += [f"rtl 1280, 200 %: {line}" for line in page.evaluate(OVERFLOW_SCRIPT)]
    assert found == []


def test_horizontal_overflow_is_detected(page: Page) -> None:
    page.goto("/")
    page.evaluate(
        """() => {
            const box = document.createElement("div");
            box.style.width = "200vw";
            box.textContent = "wide";
            document.querySelector("main").append(box);
        }"""
    )
    assert len(page.evaluate(OVERFLOW_SCRIPT)) > 1


def test_print_shows_only_text_and_crisis_lines(page: Page) -> None:
    page.goto(ARTICLE_PATH)
    page.emulate_media(media="print")
    for selector in (
        ".site-header nav", ".breadcrumb", "form", ".call-to-action", ".skip-link", ".share",
        ".related", ".article-side > *", ".cover", ".comments",
    ):  # fmt: skip
        assert page.locator(selector).count() > 0, selector
        assert count_visible(page, selector) == 0, selector
    assert count_visible(page, "h1") == 1
    assert count_visible(page, ".prose p") > 5
    assert count_visible(page, ".crisis-line a[href^='tel:']") > 0
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"


def test_print_hides_consultation_form(page: Page) -> None:
    page.goto("/consultation/details/")
    page.emulate_media(media="print")
    assert count_visible(page, "form, form *") == 0
    assert count_visible(page, ".crisis-line a[href^='tel:']") > 0


def test_forced_colors_hide_nothing(new_page: NewPage) -> None:
    """No content disappears, and buttons keep a visible border."""
    plain, forced = new_page(), new_page(forced_colors="active")
    for path in ("/", ARTICLE_PATH, "/consultation/details/", "/fees/"):
        plain.goto(path)
        forced.goto(path)
        assert forced.evaluate("matchMedia('(forced-colors: active)').matches")
        main = "main a, main button, main input, main h1, main h2, main p"
        assert count_visible(forced, main) == count_visible(plain, main), path
        edges = forced.locator("main .button").evaluate_all(
            "all => all.map(button => getComputedStyle(button))"
            ".map(style => [style.borderTopStyle, parseFloat(style.borderTopWidth)])"
        )
        assert all(style != "none" and width >= 1 for style, width in edges), (path, edges)


def test_focus_is_visible_in_forced_colors(new_page: NewPage) -> None:
    page = new_page(forced_colors="active")
    page.goto("/")
    page.keyboard.press("Tab")
    outline = "getComputedStyle(document.activeElement).outlineStyle"
    assert page.evaluate(outline) != "none"


def test_reduced_motion_disables_animation(new_page: NewPage) -> None:
    page = new_page(reduced_motion="reduce")
    for path in ("/", ARTICLE_PATH, "/consultation/details/", "/patterns/"):
        page.goto(path)
        moving = page.evaluate(
            """() => [...document.querySelectorAll("*")].filter(element => {
                const style = getComputedStyle(element);
                const seconds = style.transitionDuration.split(", ").map(parseFloat);
                return Math.max(...seconds) > 0.01 || style.animationName !== "none";
            }).map(element => element.className)"""
        )
        assert moving == [], path
        assert page.evaluate("getComputedStyle(document.documentElement).scrollBehavior") == "auto"


def count_visible(page: Page, selector: str) -> int:
    return page.locator(selector).filter(visible=True).count()


READING_PATHS = [
    "/about/", "/services/", "/fees/", "/faq/", "/contact/", "/what-to-expect/", "/articles/",
    ARTICLE_PATH, "/search/", "/privacy/", "/terms/", "/accessibility/", "/comment-policy/",
]  # fmt: skip


@pytest.mark.parametrize("width", [320, 390])
def test_header_is_one_row_on_a_phone(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 844})
    for path in ("/", ARTICLE_PATH, "/consultation/", "/your-data/"):
        page.goto(path)
        header = page.locator(".site-header").bounding_box()
        assert header is not None
        assert header["height"] <= 64, path


def test_menu_on_a_phone_ends_with_the_call(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page.goto("/fees/")
    last = page.locator(".site-nav a").last
    assert not last.is_visible()
    page.click(".site-menu summary")
    assert last.is_visible()
    assert last.get_attribute("href") == "/consultation/"


def test_home_page_is_short_on_a_phone(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    page.goto("/")
    assert page.evaluate("document.documentElement.scrollHeight") <= 4_900
    button = page.locator(".hero-action .button").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] < 844


def test_every_reading_page_offers_the_call_outside_the_menu(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 390, "height": 844})
    for path in READING_PATHS:
        page.goto(path)
        assert count_visible(page, "main a.button[href^='/consultation/']") > 0, path


def test_reading_pages_use_the_right_of_a_wide_screen(new_page: NewPage) -> None:
    """Something stands at the right edge of the page, beside the beginning of the text."""
    page = new_page(viewport={"width": 1280, "height": 900})
    for path in READING_PATHS:
        page.goto(path)
        side = page.locator(":is(.side, .article-side)").bounding_box()
        assert side is not None
        assert side["x"] + side["width"] > 1200, path
        assert side["y"] < 700, path


def test_article_text_is_centered_between_contents_and_author(new_page: NewPage) -> None:
    page = new_page(viewport={"width": 1440, "height": 900})
    page.goto(ARTICLE_PATH)
    text = page.locator(".article-column").bounding_box()
    assert text is not None
    assert abs(text["x"] + text["width"] / 2 - 720) < 2
    assert page.locator(".side-contents").is_visible()
    page.set_viewport_size({"width": 390, "height": 844})
    assert not page.locator(".side-contents").is_visible()
    assert page.locator(".article-column > .contents").is_visible()


def test_no_card_of_the_home_page_stands_alone_in_a_row(new_page: NewPage) -> None:
    for width in (390, 768, 1024, 1280, 1600):
        page = new_page(viewport={"width": width, "height": 900})
        page.goto("/")
        for grid in (".concerns", ".people", ".steps"):
            tops = page.locator(f"{grid} > *").evaluate_all(
                "all => all.map(item => Math.round(item.getBoundingClientRect().top))"
            )
            rows = [tops.count(top) for top in sorted(set(tops))]
            assert rows[-1] == rows[0] or rows[0] == 1, (width, grid, rows)

"""The Look page in a browser, and random looks on every kind of page."""

import random

import pytest
from playwright.sync_api import FrameLocator, Page, expect

from pages.look.choices import Corners, Paper, TypePair
from pages.look.stylesheet import Style, build_stylesheet
from tests.browser.accessibility import accessibility_violations, settle
from tests.browser.demo_site import DemoSite
from tests.browser.fixtures import NewPage
from tests.browser.page_states import ARTICLE_PATH, first_page_below
from tests.browser.page_watch import watch_page
from tests.browser.test_layout import OVERFLOW_SCRIPT

pytestmark = pytest.mark.browser

URL = "/admin/pages/look/"
ACCENT_SCRIPT = "body => getComputedStyle(body).getPropertyValue('--accent')"
GROUPS, LOOKS_PER_GROUP = 10, 10


def preview(page: Page) -> FrameLocator:
    return page.frame_locator("#look-preview")


def previewed_accent(page: Page) -> str:
    return str(preview(page).locator("body").evaluate(ACCENT_SCRIPT)).strip()


def section_names(page: Page) -> list[str]:
    return page.locator("#look-sections input[name=section]").evaluate_all(
        "all => all.map(one => one.value)"
    )


def test_preview_follows_every_choice_and_stores_nothing(staff: Page, site: DemoSite) -> None:
    watch = watch_page(staff, site.url)
    staff.goto(URL)
    expect(preview(staff).locator("h1")).to_be_visible()
    assert previewed_accent(staff) == "#2F5D50"
    staff.locator("[name=preset][value=plum]").check(force=True)
    expect(preview(staff).locator("link[href*='6B4B73']")).to_be_attached()
    expect(staff.locator("#id_own_color")).to_have_value("#6B4B73")
    staff.fill("#id_own_color", "#ffe28a")
    expect(staff.locator("#look-verdict")).to_contain_text("a little darker")
    expect(staff.locator("[name=preset][value=own]")).to_be_checked()
    staff.locator("[name=scheme][value=dark]").check(force=True)
    expect(preview(staff).locator("link[href*='scheme=dark']")).to_be_attached()
    staff.locator("[name=page][value=article]").check(force=True)
    expect(preview(staff).locator("article, .prose").first).to_be_visible()
    assert watch.complaints() == []
    staff.goto("/")
    assert staff.locator("link[href^='/look/']").count() == 0


def test_nothing_in_the_preview_can_be_pressed(staff: Page) -> None:
    staff.goto(URL)
    expect(preview(staff).locator("body")).to_have_attribute("inert", "")
    frame = staff.locator("#look-preview")
    assert frame.get_attribute("sandbox") == "allow-same-origin"
    box = preview(staff).locator(".hero .button").bounding_box()
    assert box is not None
    staff.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
    expect(preview(staff).locator(".hero")).to_be_attached()
    assert staff.url.endswith(URL)


def test_choosing_works_without_script(new_page: NewPage, staff_cookies) -> None:
    page = new_page(storage_state=staff_cookies, java_script_enabled=False)
    page.goto(URL)
    page.locator("[name=preset][value=lake]").check(force=True)
    page.locator("[name=corners][value=square]").check(force=True)
    page.click(".look-preview [name=_preview]")
    expect(preview(page).locator("link[href*='2F4F6F'][href*='corners=square']")).to_be_attached()
    expect(page.locator("[name=preset][value=lake]")).to_be_checked()
    second = section_names(page)[1]
    page.click(f"button[value='{second}:down']")
    expect(page.locator("#look-sections li").nth(2).locator("[name=section]")).to_have_value(second)
    expect(page.locator("[name=preset][value=lake]")).to_be_checked()


def test_sections_are_moved_with_the_keyboard(staff: Page) -> None:
    staff.goto(URL)
    first, second, third = section_names(staff)[:3]
    down = staff.locator(f"button[value='{second}:down']")
    down.focus()
    staff.keyboard.press("Enter")
    assert section_names(staff)[:3] == [first, third, second]
    expect(down).to_be_focused()
    up = staff.locator(f"button[value='{third}:up']")
    up.focus()
    staff.keyboard.press("Enter")
    assert section_names(staff)[:2] == [first, third]


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_look_page_is_accessible_and_fits(staff: Page, scheme: str) -> None:
    staff.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
    for width in (320, 390, 1280):
        staff.set_viewport_size({"width": width, "height": 900})
        staff.goto(URL)
        settle(staff)
        wide = staff.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
        assert wide <= 0, width
        assert accessibility_violations(staff) == [], width


def kinds_of_pages(site: DemoSite) -> list[str]:
    return [
        "/",
        ARTICLE_PATH,
        "/articles/",
        "/about/",
        "/services/",
        first_page_below(site, "/services/"),
        "/fees/",
        "/faq/",
        "/contact/",
        "/crisis/",
        "/consultation/",
        "/consultation/details/",
    ]


def random_style(picker: random.Random) -> Style:
    return Style(
        accent=f"#{picker.randrange(1 << 24):06X}",
        paper=picker.choice(Paper.values),
        corners=picker.choice(Corners.values),
        type_pair=picker.choice(TypePair.values),
    )


@pytest.mark.sampled
@pytest.mark.parametrize("group", range(GROUPS))
def test_random_looks_keep_every_page_readable_and_whole(
    new_page: NewPage, site: DemoSite, pytestconfig: pytest.Config, group: int
) -> None:
    """A hundred looks on twelve kinds of pages; of a sample, one look for each group."""
    picker = random.Random(20261129 + group)
    is_sample = pytestconfig.getoption("sample") is not None
    for number in range(1 if is_sample else LOOKS_PER_GROUP):
        style, scheme = random_style(picker), ("light", "dark")[(group + number) % 2]
        # Our own policy would refuse the style that stands for the one the look would link.
        page = new_page(
            bypass_csp=True, color_scheme=scheme, viewport={"width": 320, "height": 800}
        )
        for path in kinds_of_pages(site):
            page.goto(path)
            page.add_style_tag(content=build_stylesheet(style).text)
            settle(page)
            where = f"{path} {scheme} {style}"
            assert page.evaluate(OVERFLOW_SCRIPT) == [], where
            assert accessibility_violations(page) == [], where
        page.context.close()


def test_a_bad_look_would_be_found(new_page: NewPage) -> None:
    page = new_page(bypass_csp=True)
    page.goto("/")
    page.add_style_tag(content="@layer tokens { :root { --accent: #BBCCBB; } }")
    assert any("color-contrast" in line for line in accessibility_violations(page))

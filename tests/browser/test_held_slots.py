"""Tests that the pages of a held slot and of a taken slot are accessible."""

from collections.abc import Iterator

import pytest
import time_machine
from playwright.sync_api import Browser, Page, expect

from consultations.booking.slot_choice import parse_start
from consultations.privacy import control_links
from pages.practice.models import Practitioner
from tests.browser.accessibility import accessibility_violations
from tests.factories.booking import make_booking, make_open_practitioner, make_type
from tests.factories.consultations import NOW
from tests.factories.pages import make_practice

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW) as traveller:
        yield traveller


@pytest.fixture
def page(clock: time_machine.Traveller, chromium: Browser, live_server) -> Iterator[Page]:
    make_practice(is_licence_bound=False)
    context = chromium.new_context(
        base_url=live_server.url, viewport={"width": 320, "height": 640}, reduced_motion="reduce"
    )
    context.set_default_timeout(15_000)
    yield context.new_page()
    context.close()


@pytest.fixture
def practitioner(page: Page) -> Practitioner:
    return make_open_practitioner()


def accessibility_violations_in_both_schemes(page: Page) -> list[str]:
    page.wait_for_load_state()
    found = []
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme="dark" if scheme == "dark" else "light")
        found += [f"{scheme}: {line}" for line in accessibility_violations(page)]
    return found


def test_email_link_confirms_held_slot_in_one_click(page: Page, practitioner: Practitioner) -> None:
    row = make_booking(make_type(mode="email_confirm"), [practitioner])
    token = control_links.make_token("hold-confirm", row.public_id, row.token_version)
    page.goto(f"/consultation/confirm/{token}/")
    expect(page.locator("h1")).to_have_text("Confirm your time")
    assert accessibility_violations_in_both_schemes(page) == []
    page.get_by_role("button", name="Yes, this time is mine").click()
    page.wait_for_url("**/c/**")
    row.refresh_from_db()
    assert row.status == "confirmed"
    page.goto(f"/consultation/confirm/{token}/")
    # Opened again, the link in the email leads to the booked call.
    expect(page.locator("h1")).to_have_text("You’re booked")
    assert accessibility_violations_in_both_schemes(page) == []


def test_taken_slot_page_passes_axe(
    page: Page, practitioner: Practitioner, clock: time_machine.Traveller
) -> None:
    kind = make_type()
    page.goto("/consultation/")
    page.locator("a.slot").first.click()
    page.wait_for_url("**/consultation/details/**")
    start = parse_start(page.locator("[name=start]").first.input_value())
    assert start
    page.fill("#id_name", "Slow")
    page.fill("#id_email", "slow@visitor.example")
    for box in page.locator("#id_adult, #id_consent").all():
        box.check()
    make_booking(kind, [practitioner], start_at=start)
    clock.shift(60)  # seconds; a form sent within three looks like a bot's
    page.click(".form-end button")
    expect(page.locator(".error-summary")).to_contain_text("Someone else has taken that time")
    assert accessibility_violations_in_both_schemes(page) == []

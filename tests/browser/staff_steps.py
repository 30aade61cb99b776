"""Steps that staff take in the admin, shared by the browser tests."""

from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from playwright.sync_api import Page

PRACTICE_ZONE = ZoneInfo("America/Los_Angeles")


def future_thursday_at_ten() -> datetime:
    """Return 10:00 practice time on a Thursday at least a week away."""
    day = datetime.now(PRACTICE_ZONE).replace(hour=10, minute=0, second=0, microsecond=0)
    return day + timedelta(days=7 + (3 - day.weekday()) % 7)


def open_consultation(staff: Page, reference: str) -> None:
    staff.goto(f"/admin/consultations/consultation/?group=all&q={reference}")
    staff.click(f"#result_list tbody th a:text-is('{reference}')")
    staff.wait_for_url("**/change/**")


def open_action(staff: Page, label: str) -> None:
    """Open the page of one of a consultation's actions."""
    staff.click(f".action-buttons button:text-is('{label}')")
    staff.wait_for_selector(".action-form")


def confirm_consultation(staff: Page, reference: str, at: datetime) -> None:
    open_consultation(staff, reference)
    open_action(staff, "Confirm a time")
    preview_own_time(staff, at)
    click_and_wait_for_message(staff, "text=Send confirmation")


def preview_own_time(staff: Page, at: datetime) -> None:
    """Type a date and a time, and wait for the email that tells the client of it."""
    if not staff.locator("#id_start_at_0").is_visible():
        staff.click("text=Another date or time")
    staff.fill("#id_start_at_0", f"{at:%Y-%m-%d}")
    staff.fill("#id_start_at_1", f"{at:%H:%M:%S}")
    with staff.expect_navigation():
        staff.click(".own-time button[name=preview]")


def click_and_wait_for_message(staff: Page, button: str) -> None:
    staff.click(button)
    staff.wait_for_selector(".messagelist .success, .desk-result")


def open_comment(staff: Page, words: str, folder: str = "waiting") -> None:
    staff.goto(f"/admin/consultations/comment/?status={folder}")
    staff.locator("[data-item]", has_text=words).locator("h2 a").click()
    staff.wait_for_url("**/change/**")


def log_out(page: Page) -> None:
    """Log out by the menu of the account, or by the button of a page without a menu."""
    account = page.locator("#account-menu > summary")
    if account.count():
        account.click()
    page.click("text=Log out")

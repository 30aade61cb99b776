"""Join the staff, from the invitation email to the passkey, and sign in after losing a phone.

The site runs on localhost, because browsers support passkeys only there and over HTTPS.
"""

import os
import re
import subprocess
import sys
import time
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, expect

from consultations.accounts.allauth_compat import format_hotp_value, hotp_value
from tests.browser.accessibility import accessibility_violations
from tests.browser.demo_site import PROJECT, DemoSite, wait_for
from tests.browser.fixtures import NewPage
from tests.browser.page_watch import watch_page
from tests.browser.staff_steps import log_out

pytestmark = pytest.mark.browser

PASSWORD = "a long quiet river"
VIRTUAL_AUTHENTICATOR = {
    "protocol": "ctap2",
    "transport": "internal",
    "hasResidentKey": True,
    "hasUserVerification": True,
    "isUserVerified": True,
    "automaticPresenceSimulation": True,
}


def totp_code(secret: str, steps: int = 0) -> str:
    """Return the code that an authenticator app shows.

    With ``steps=1``, return the next code, which is also valid and has not been used yet.
    """
    return format_hotp_value(hotp_value(secret, int(time.time()) // 30 + steps))


@pytest.fixture
def localhost_url(site: DemoSite) -> str:
    return site.url.replace("127.0.0.1", "localhost")


@pytest.fixture
def invitation_path(staff: Page, site: DemoSite) -> str:
    """Return the path of the link in the invitation email."""
    staff.goto("/admin/consultations/invitation/add/")
    if "confirm" in staff.url:
        staff.fill("#id_password", site.login["password"])
        staff.press("#id_password", "Enter")
    staff.fill("#id_address", "sam@staff.example")
    staff.fill("#id_name", "Sam")
    staff.get_by_label("Moderator").check()
    assert accessibility_violations(staff) == []
    staff.click("input[name=_save]")
    expect(staff.locator("#result_list")).to_contain_text("not used yet")
    mail = wait_for(lambda: site.mails_to("sam@staff.example"), "the invitation")[0]
    text = mail.get_payload(0).get_payload(decode=True).decode()  # type: ignore[union-attr]
    match = re.search(r"http://\S+/admin/account/invitation/\S+", text)
    assert match
    return urlsplit(match[0]).path


def sign_in(page: Page, login: str, password: str) -> None:
    page.goto("/admin/")
    page.fill("#id_login", login)
    page.fill("#id_password", password)
    page.press("#id_password", "Enter")


def reset_path(site: DemoSite, login: str) -> str:
    env: dict[str, Any] = {
        name: os.environ[name] for name in ("PATH", "HOME") if name in os.environ
    }
    env |= {"SITE_MODE": "demo", "DATA_DIR": str(site.data), "SITE_URL": site.url}
    manage = [sys.executable, "manage.py", "staff_reset", login]
    done = subprocess.run(manage, cwd=PROJECT, env=env, capture_output=True, text=True, check=True)
    return urlsplit(done.stdout.strip()).path


def test_invitation_totp_passkey_and_account_reset(
    new_page: NewPage, localhost_url: str, invitation_path: str, site: DemoSite
) -> None:
    page = new_page(base_url=localhost_url)
    seen = watch_page(page, localhost_url)
    page.goto(invitation_path)
    page.fill("#id_username", "sam-b")
    page.fill("#id_password1", PASSWORD)
    page.fill("#id_password2", PASSWORD)
    page.press("#id_password2", "Enter")
    page.click("text=Set up an app")
    secret = page.inner_text(".account-secret").replace(" ", "")
    picture = page.locator(".account-picture")
    assert picture.evaluate("one => one.decode().then(() => one.naturalWidth)") > 0
    page.fill("#id_code", totp_code(secret))
    page.press("#id_code", "Enter")
    expect(page.locator(".account-codes li")).to_have_count(10)
    recovery = page.locator(".account-codes li").all_inner_texts()

    log_out(page)
    sign_in(page, "sam@staff.example", PASSWORD)
    page.wait_for_selector("#id_code")
    page.fill("#id_code", totp_code(secret, steps=1))
    page.press("#id_code", "Enter")
    page.wait_for_selector("#today-heading")

    devtools = page.context.new_cdp_session(page)
    devtools.send("WebAuthn.enable")
    devtools.send("WebAuthn.addVirtualAuthenticator", {"options": VIRTUAL_AUTHENTICATOR})
    page.goto("/admin/account/passkeys/add/")
    page.fill("#id_name", "Work laptop")
    page.click("text=Add it")
    expect(page.locator("main")).to_contain_text("Work laptop")
    log_out(page)
    page.click("text=Sign in with a passkey")
    page.wait_for_selector("#today-heading")
    # It also works as the second factor.
    log_out(page)
    sign_in(page, "sam-b", PASSWORD)
    page.click("text=Use a passkey")
    page.wait_for_selector("#today-heading")

    log_out(page)
    page.goto(reset_path(site, "sam-b"))
    page.fill("#id_password1", "another quiet river")
    page.fill("#id_password2", "another quiet river")
    page.press("#id_password2", "Enter")
    page.wait_for_selector("#id_login")
    sign_in(page, "sam-b", "another quiet river")
    page.goto("/admin/account/")
    expect(page.locator("main")).to_contain_text("Set up an app")
    assert len(recovery) == 10
    # Checked before axe runs, because axe itself violates the CSP.
    assert seen.complaints() == []
    for path in ("account/", "account/app/", "account/passkeys/add/", "account/password/"):
        page.goto(f"/admin/{path}")
        assert accessibility_violations(page) == [], path


@pytest.mark.parametrize("width", [320, 1280])
def test_sign_in_pages_pass_axe(new_page: NewPage, width: int) -> None:
    page = new_page(viewport={"width": width, "height": 800}, color_scheme="dark")
    for path in ("/admin/login/?ended=idle", "/admin/account/invitation/nothing/"):
        page.goto(path)
        assert accessibility_violations(page) == [], path
        assert page.evaluate("document.documentElement.scrollWidth") <= width

"""Rows ticked in a list of staff."""

import pytest
from django.contrib import admin

from practice_site.chosen_rows import ChosenRows
from tests.factories.consultations import make_mail, make_staff
from tests.factories.pages import make_tag

pytestmark = pytest.mark.django_db
TAGS, MAILS = "/admin/pages/tag/", "/admin/consultations/outgoingemail/"


@pytest.mark.parametrize("address", [TAGS, MAILS])
@pytest.mark.parametrize("key", ["", "x", "\0", "-", "9" * 30, "1 OR 1=1"])
def test_a_key_that_is_none_is_a_bad_request(client, address, key) -> None:
    client.force_login(make_staff())
    row = make_tag() if address == TAGS else make_mail()
    _, (action, _), *_ = client.get(address).context["action_form"].fields["action"].choices
    sent = {"action": action, "index": "0", "_selected_action": [str(row.pk), key]}
    assert client.post(address, sent).status_code == 400
    assert client.post(address, {**sent, "_selected_action": [row.pk]}).status_code in (200, 302)


def test_every_list_looks_at_the_keys() -> None:
    assert all(isinstance(one, ChosenRows) for one in admin.site._registry.values())

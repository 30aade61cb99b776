"""Malformed keys, fields and filters from a browser cause no server error in the admin."""

import pytest
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.db.models import ForeignKey
from django.forms import ModelMultipleChoiceField
from django.urls import reverse

from practice_site.safe_admin import SafeModelAdmin
from tests.factories.consultations import make_email, make_staff
from tests.factories.pages import make_tag

pytestmark = pytest.mark.django_db
TAGS_URL, EMAILS_URL = "/admin/pages/tag/", "/admin/consultations/outgoingemail/"


@pytest.mark.parametrize("address", [TAGS_URL, EMAILS_URL])
@pytest.mark.parametrize("key", ["", "x", "\0", "-", "9" * 30, "1 OR 1=1"])
def test_invalid_selected_key_is_a_bad_request(client, address, key) -> None:
    client.force_login(make_staff())
    row = make_tag() if address == TAGS_URL else make_email()
    _, (action, _), *_ = client.get(address).context["action_form"].fields["action"].choices
    data = {"action": action, "index": "0", "_selected_action": [str(row.pk), key]}
    assert client.post(address, data).status_code == 400
    assert client.post(address, {**data, "_selected_action": [row.pk]}).status_code in (200, 302)


@pytest.mark.parametrize(("field", "status"), [("", 200), ("id", 200), ("no-such", 400)])
def test_unknown_to_field_is_refused_and_empty_means_pk(client, field, status) -> None:
    client.force_login(make_staff())
    address = f"{TAGS_URL}{make_tag().pk}/change/"
    assert client.get(address, {"_to_field": field, "_popup": "1"}).status_code == status


def test_lists_handle_oversized_filter_numbers(client) -> None:
    client.force_login(make_staff())
    checked = 0
    for model in admin.site._registry:
        address = reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist")
        for field in model._meta.fields:
            if isinstance(field, ForeignKey):
                assert client.get(address, {field.name: "9" * 40}).status_code < 500, address
                checked += 1
    assert checked > 10


def test_multiple_choice_fields_handle_oversized_numbers(rf) -> None:
    request = rf.get("/")
    request.user = make_staff()
    checked = 0
    for model_admin in admin.site._registry.values():
        for field in model_admin.get_form(request).base_fields.values():
            if isinstance(field, ModelMultipleChoiceField):
                with pytest.raises(ValidationError):
                    field.clean(["9" * 40])
                checked += 1
    assert checked >= 3


def test_every_registered_admin_is_safe() -> None:
    assert all(
        isinstance(model_admin, SafeModelAdmin) for model_admin in admin.site._registry.values()
    )

"""The row by which allauth knows an address, always a verified one.

A single unverified row would keep somebody from adding a second factor, and with it from every
staff page. So it is made wherever staff are made: command, form, invitation, demo.
"""

from typing import Any

from allauth.account.models import EmailAddress
from django.contrib.auth.models import User
from django.db import transaction


def keep(
    sender: Any, instance: User, raw: bool = False, update_fields: Any = None, **kwargs: Any
) -> None:
    """Connected to ``post_save`` of users."""
    if raw or (update_fields and not {"email", "is_staff"} & set(update_fields)):
        return
    address = instance.email.strip()
    with transaction.atomic():
        others = EmailAddress.objects.filter(user=instance)
        if not (instance.is_staff and address):
            others.delete()
            return
        others.exclude(email=address.lower()).delete()
        taken = EmailAddress.objects.filter(email=address.lower()).exclude(user=instance)
        if taken.exists():
            return  # a shared address: it stays with whom it was given to first
        EmailAddress.objects.update_or_create(
            user=instance, email=address.lower(), defaults={"verified": True, "primary": True}
        )

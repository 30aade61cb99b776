"""Preview links: signed, valid for a week, and revoked all at once for a page."""

from datetime import timedelta
from uuid import UUID

from django.apps import apps
from django.core import signing
from django.db import models
from django.db.models import F
from django.urls import reverse

from pages.publishing.revisions import PreviewKey, Subject, subject_label

PREVIEW_SALT = "pages.preview"
PREVIEW_LIFETIME = timedelta(days=7)


def preview_url(subject: models.Model) -> str:
    """Return a signed path to the preview of a page."""
    key, _created = PreviewKey.objects.get_or_create(
        subject=subject_label(subject), subject_pk=subject.pk
    )
    token = signing.dumps([key.uuid.hex, key.version], salt=PREVIEW_SALT)
    return reverse("pages:preview", args=[token])


def revoke_preview_links(subject: models.Model) -> None:
    PreviewKey.objects.of(subject).update(version=F("version") + 1)


def subject_from_token(token: str) -> Subject | None:
    """Return the page of a preview link; None if it is invalid, expired or revoked."""
    try:
        number, version = signing.loads(token, salt=PREVIEW_SALT, max_age=PREVIEW_LIFETIME)
        key = PreviewKey.objects.filter(uuid=UUID(number), version=int(version)).first()
    except (signing.BadSignature, ValueError, TypeError):
        return None
    if key is None:
        return None
    model = apps.get_model("pages", key.subject)
    return model._default_manager.filter(pk=key.subject_pk).first()

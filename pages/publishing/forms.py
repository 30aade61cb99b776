"""The form of an editing page; it detects that someone else saved in the meantime."""

from typing import Any, cast

from django import forms
from django.contrib.auth.models import User
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.publishing import revisions, workflow


class PublishingForm(forms.ModelForm):
    """Compare `version`, the token of the row when the page was opened, with the stored row.

    Of two people who save, the second gets the form back with what the first one changed.
    Without a version nothing is compared.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    revision_note = forms.CharField(
        label=_("What you changed"),
        help_text=_("A few words for the list of versions. Readers do not see them."),
        required=False,
        max_length=200,
    )
    has_conflict = False
    # Set by the admin: the user, so that a conflict with their own other tab says so.
    edited_by: User | None = None
    # Set by the admin: whether saving leaves the stored row as it is.
    keeps_draft_change = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = revisions.version_token(self.instance)

    def clean(self) -> dict[str, object]:
        cleaned = super().clean() or {}
        opened_version = cleaned.get("version")
        if self.instance.pk and opened_version:
            self._check_version(opened_version)
        return cleaned

    def _check_version(self, opened_version: str) -> None:
        model = type(self.instance)
        # Locked until this save commits, so that of two simultaneous saves one sees the other.
        stored = model._default_manager.select_for_update().get(pk=self.instance.pk)
        current = revisions.version_token(stored)
        if opened_version == current:
            return
        self.has_conflict = True
        newest = revisions.latest_revision(stored)
        workflow.keep_autosave(stored)
        # Saving again overwrites what is stored now.
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("version")] = current
        self.data = data
        self.add_error(None, self._conflict_message(newest.by if newest else None))

    def _conflict_message(self, by: User | None) -> str:
        if by is not None and by == self.edited_by:
            who = gettext("You saved this page in another tab or window.")
        else:
            name = by.get_full_name() or by.get_username() if by else gettext("Somebody")
            who = gettext("%(who)s saved this page while you were writing.") % {"who": name}
        what_next = gettext(
            "Nothing you typed is lost. Compare the two below, then save again to keep yours."
        )
        return f"{who} {what_next}"

"""The form of an editing page: it notices when somebody else saved meanwhile."""

from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from pages.publishing import revisions


class PublishingForm(forms.ModelForm):
    """`version` is what the page looked like when it was opened; without one nothing is compared.

    The second of two people who save gets everything typed back, with what the first one changed.
    """

    version = forms.CharField(required=False, widget=forms.HiddenInput)
    revision_note = forms.CharField(
        label=_("What you changed"),
        help_text=_("A few words for the list of versions. Readers do not see them."),
        required=False,
        max_length=200,
    )
    has_met_another = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk:
            self.fields["version"].initial = revisions.version_token(self.instance)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        told = cleaned.get("version")
        if self.instance.pk and told:
            self._check_version(told)
        return cleaned

    def _check_version(self, told: str) -> None:
        model = type(self.instance)
        # Locked until this save is done: two people who press at once are told apart.
        stored = model._default_manager.select_for_update().get(pk=self.instance.pk)
        present = revisions.version_token(stored)
        if told == present:
            return
        self.has_met_another = True
        newest = revisions.latest_revision(stored)
        by = newest.by if newest else None
        who = by.get_full_name() or by.get_username() if by else gettext("Somebody")
        # The next press is meant for what is there now.
        data = cast("QueryDict", self.data).copy()
        data[self.add_prefix("version")] = present
        self.data = data
        self.add_error(
            None,
            gettext(
                "%(who)s saved this page while you were writing. Nothing of yours is lost: it "
                "stands below, and above it is what differs. Save again to put yours in its place."
            )
            % {"who": who},
        )

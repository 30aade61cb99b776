"""What an owner says about somebody of the staff: their name, their roles, who they are here."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib.auth.models import Group, User
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from consultations.access import roles
from consultations.access.backends import is_taken
from pages.practice.models import Practitioner


def role_choices() -> Iterator[tuple[str, Any]]:
    """Each role with its sentence, for boxes to tick."""
    for role in roles.ROLES.values():
        yield role.key, format_html("<strong>{}</strong>: {}", role.title, role.words)


class NameForm(forms.ModelForm):
    """Of oneself and of those one may only name: no roles, nothing that opens a door."""

    class Meta:
        model = User
        fields = ["username", "first_name", "last_name", "email"]

    def clean_username(self) -> str:
        """No two that differ in capitals alone, and none that is a colleague's address."""
        name: str = self.cleaned_data["username"]
        if is_taken(name, but=self.instance.pk):
            raise ValidationError(_("Somebody has this login already."))
        return name

    def clean_email(self) -> str:
        """Of two people with one address neither could sign in by it."""
        address: str = self.cleaned_data["email"]
        if address and is_taken(address, but=self.instance.pk):
            raise ValidationError(_("Somebody signs in with this address already."))
        return address


class StaffForm(NameForm):
    roles = forms.MultipleChoiceField(
        label=_("Roles"),
        required=False,
        choices=role_choices,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "role-list"}),
        help_text=_("Give what the work needs and no more. Several roles add up."),
    )
    practitioner = forms.ModelChoiceField(
        label=_("Practitioner"),
        required=False,
        queryset=Practitioner.objects.none(),
        empty_label=_("Nobody who sees people"),
        help_text=_(
            "Who they are for visitors: their own consultations, hours and articles are those of "
            "this person."
        ),
    )

    class Meta(NameForm.Meta):
        fields = [*NameForm.Meta.fields, "is_active"]

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        free = Q(user=None) | (Q(user=self.instance.pk) if self.instance.pk else Q())
        person = self.fields["practitioner"]
        person.queryset = Practitioner.objects.filter(free)  # type: ignore[attr-defined]
        if self.instance.pk:
            self.initial["roles"] = [role.key for role in roles.of(self.instance)]
            self.initial["practitioner"] = Practitioner.objects.filter(user=self.instance).first()
        if "groups" in self.fields:
            ours = [role.group_name for role in roles.ROLES.values()]
            others = Group.objects.exclude(name__in=ours)
            self.fields["groups"].queryset = others  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        person = cleaned.get("practitioner")
        if person is not None and person.slug == cleaned.get("username"):
            # Half of a login would stand in a public address.
            self.add_error("username", _("The address of this person’s page is the same word."))
        return cleaned

    def settle(self) -> tuple[list[str], list[str]]:
        """Roles and person as ticked, once the row is stored; which roles came and which went."""
        user, wanted = self.instance, set(self.cleaned_data["roles"])
        had = {role.key for role in roles.of(user)}
        roles.give(user, wanted)
        person = self.cleaned_data["practitioner"]
        for other in Practitioner.objects.filter(user=user).exclude(pk=person.pk if person else 0):
            other.user = None
            other.save(update_fields=["user"])
        if person is not None and person.user_id != user.pk:
            person.user = user
            person.save(update_fields=["user"])
        return sorted(wanted - had), sorted(had - wanted)

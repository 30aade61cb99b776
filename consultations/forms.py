"""What every visitor's form has in common: how it is drawn, and how a fault is told."""

from typing import Any

from crispy_forms.helper import FormHelper
from django.utils.functional import cached_property

from consultations.screening.honeypot import ScreenedForm


class VisitorForm(ScreenedForm):
    """Drawn without a form tag and without a token: visitors get no cookie to hold one."""

    use_required_attribute = False  # the server judges, in words of ours

    @cached_property
    def helper(self) -> FormHelper:
        helper = FormHelper()
        helper.form_tag = False
        helper.disable_csrf = True
        helper.form_show_errors = True
        return helper

    def answer(self, name: str) -> str:
        """A cleaned text, "" when the field is not asked."""
        value: Any = self.cleaned_data.get(name)
        return value or ""

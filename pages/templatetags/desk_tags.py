"""Template tags of the staff's desk."""

from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

from django import template
from django.forms import BoundField, MultiWidget
from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe
from django.utils.text import capfirst

from pages import desk

if TYPE_CHECKING:
    from django.db.models.options import Options

register = template.Library()

EMPTY_CELLS = ("-", "–", "", "&nbsp;")


@register.simple_tag
def list_title(opts: "Options[Any]") -> str:
    """Return what the menu calls the list of a model."""
    return str(desk.list_title(opts.model) or capfirst(opts.verbose_name_plural))


@register.filter
def with_labels(cells: Iterable[str], headers: Sequence[dict[str, Any]]) -> list[SafeString]:
    """Add each column's name to its cells, for the cards that rows become on narrow screens."""
    return [
        _label_cell(cell, str(header["text"])) for cell, header in zip(cells, headers, strict=False)
    ]


def _label_cell(cell: str, label: str) -> SafeString:
    is_value = cell.startswith("<td") and not cell.startswith('<td class="action-checkbox"')
    attribute = ""
    if is_value:
        content = cell[cell.index(">") + 1 :].removesuffix("</td>").strip()
        is_empty = content in EMPTY_CELLS
        attribute = " data-empty" if is_empty else f' data-label="{escape(capfirst(label))}"'
    # The cell as Django's admin made it, and an escaped attribute.
    return mark_safe(cell.replace("<td", f"<td{attribute}", 1))  # noqa: S308


@register.filter
def is_narrowed(choices: Sequence[dict[str, Any]]) -> bool:
    """Whether a filter of a list is on: any choice but its first, which is "All"."""
    return any(choice["selected"] for choice in choices[1:])


@register.filter
def labeled(field: BoundField) -> SafeString:
    """Render a field of a table with its label, since screen readers do not read the heading."""
    is_single = not field.is_hidden and not isinstance(field.field.widget, MultiWidget)
    return field.as_widget(attrs={"aria-label": str(field.label)} if is_single else None)

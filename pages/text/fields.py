"""Model fields for text: rich text that is always clean, and text folded for searching."""

import re
import unicodedata
from typing import TYPE_CHECKING, Any

from django.core.exceptions import FieldError
from django.db import models
from django.db.models.expressions import Case
from django.db.models.functions import Cast
from django.urls import reverse_lazy
from django_prose_editor.fields import ProseEditorField

from pages.text.cleaning import clean_html
from pages.text.outline import plain_text

# What the editor offers; the cleaner allows the same and nothing else.
# `practice_editor_nodes.js` brings the last nine, and the two with addresses.
EDITOR_EXTENSIONS: dict[str, Any] = {
    "Bold": True,
    "Italic": True,
    "Strike": True,
    "Subscript": True,
    "Superscript": True,
    "Code": True,
    "CodeBlock": True,
    "Heading": {"levels": [2, 3, 4]},
    "BulletList": True,
    "OrderedList": {"enableListAttributes": False},
    "ListItem": True,
    "Blockquote": True,
    "HorizontalRule": True,
    "HardBreak": True,
    "Link": {
        "enableTarget": False,
        "protocols": ["http", "https", "mailto", "tel"],
        "pagesUrl": reverse_lazy("admin:link_choices"),
    },
    "Table": True,
    "TableRow": True,
    "TableHeader": True,
    "TableCell": True,
    "Image": True,
    "Caption": True,
    "Figure": {"pickerUrl": reverse_lazy("admin:pages_picture_picker")},
    "Callout": True,
    "Cite": True,
    "Abbreviation": True,
    "DefinitionList": True,
    "DefinitionTerm": True,
    "DefinitionText": True,
    "Blocks": {"choicesUrl": reverse_lazy("admin:pages_reusableblock_choices")},
    "PasteFromElsewhere": True,
}


if TYPE_CHECKING:
    # The editor's package has no types; for a reader of the code its field holds a string.
    EditorField = models.TextField[str, str]
else:
    EditorField = ProseEditorField


class CleanHTMLField(EditorField):
    """Rich text from the editor, an import or code, cleaned on every way into the table.

    The editor's own field cleans in `full_clean()` only, which `create()`, `update()` and
    `bulk_create()` never call.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("extensions", dict(EDITOR_EXTENSIONS))
        kwargs.setdefault("sanitize", clean_html)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        value = getattr(model_instance, self.attname)
        _reject_expression(value)
        cleaned = clean_html(value) if value else value
        setattr(model_instance, self.attname, cleaned)
        return cleaned

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        # update() and bulk_update() come this way without pre_save().
        if isinstance(value, str) and value:
            value = clean_html(value)
        return super().get_db_prep_save(value, connection)

    def get_placeholder(self, value: Any, compiler: Any, connection: Any) -> str:
        # bulk_update() wraps its values in Case (and Cast); each is cleaned on the way out.
        # Any other expression is computed by the database, out of our sight.
        if not isinstance(value, (Case, Cast)):
            _reject_expression(value)
        return "%s"

    def get_placeholder_sql(self, value: Any, compiler: Any, connection: Any) -> Any:
        # What Django asks from 6.1 on in place of the above.
        placeholder = self.get_placeholder(value, compiler, connection)
        return compiler.compile(value) if hasattr(value, "as_sql") else (placeholder, (value,))


class FoldedTextField(models.TextField):
    """Words of other fields without markup, accents and capitals, for searching."""

    def __init__(self, *args: Any, sources: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.sources = sources
        defaults: dict[str, Any] = {"editable": False, "blank": True, "default": ""}
        super().__init__(*args, **(defaults | kwargs))

    def deconstruct(self) -> Any:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        values = (getattr(model_instance, source) or "" for source in self.sources)
        folded = " " + " ".join(fold_text(plain_text(value)) for value in values) + " "
        setattr(model_instance, self.attname, folded)
        return folded


def fold_text(text: str) -> str:
    """Lower case, no accents, one space between words: `"Élan, again"` to `"elan again"`."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def _reject_expression(value: Any) -> None:
    if hasattr(value, "resolve_expression"):
        raise FieldError("Rich text is written as text, so that it can be cleaned.")

"""Model fields for text: sanitized rich text, and folded text for searching."""

import re
import unicodedata
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, cast

from django.core.exceptions import FieldError
from django.db import models
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models.expressions import BaseExpression, Case
from django.db.models.functions import Cast
from django.db.models.sql.compiler import SQLCompiler
from django.urls import reverse_lazy
from django_prose_editor.fields import ProseEditorField

from pages.text.cleaning import clean_html
from pages.text.outline import plain_text

# What the editor offers; the cleaner allows exactly the same. `practice_editor_*.js` define
# Link, Figure, PictureUpload and everything from Callout on; django-prose-editor has the rest.
EDITOR_EXTENSIONS: dict[str, object] = {
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
    "Figure": {
        "pickerUrl": reverse_lazy("admin:pages_picture_picker"),
        "describeUrl": reverse_lazy("admin:pages_picture_describe"),
    },
    "PictureUpload": {"uploadUrl": reverse_lazy("admin:pages_picture_upload")},
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
    # django-prose-editor has no type annotations; tell the type checker that the field holds str.
    EditorField = models.TextField[str, str]
else:
    EditorField = ProseEditorField


class CleanHTMLField(EditorField):
    """Store rich text that is sanitized on every write, whether from the editor, an import or code.

    The base field only sanitizes in `full_clean()`, which `create()`, `update()` and
    `bulk_create()` never call.

    Raises FieldError when assigned a database expression, because its result can't be sanitized.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs.setdefault("extensions", dict(EDITOR_EXTENSIONS))
        kwargs.setdefault("sanitize", clean_html)
        super().__init__(*args, **kwargs)

    def pre_save(self, model_instance: models.Model, add: bool) -> object:
        value = getattr(model_instance, self.attname)
        _reject_expression(value)
        cleaned = clean_html(value) if value else value
        setattr(model_instance, self.attname, cleaned)
        return cleaned

    def get_db_prep_save(self, value: object, connection: BaseDatabaseWrapper) -> object:
        # update() and bulk_update() call this but not pre_save().
        if isinstance(value, str) and value:
            value = clean_html(value)
        return super().get_db_prep_save(value, connection)

    def get_placeholder(
        self, value: object, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> str:
        # bulk_update() wraps its values in Case (and Cast), and each value is still cleaned in
        # get_db_prep_save(). Any other expression is computed by the database, so its result
        # can't be cleaned.
        if not isinstance(value, (Case, Cast)):
            _reject_expression(value)
        return "%s"

    def get_placeholder_sql(
        self, value: object, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, Sequence[object]]:
        # Replaces get_placeholder() from Django 6.1 on.
        placeholder = self.get_placeholder(value, compiler, connection)
        return (
            compiler.compile(cast("BaseExpression", value))
            if hasattr(value, "as_sql")
            else (placeholder, (value,))
        )


class FoldedTextField(models.TextField):
    """Store the text of other fields for searching, without markup, accents or capitals."""

    def __init__(self, *args: Any, sources: tuple[str, ...] = (), **kwargs: Any) -> None:
        self.sources = sources
        defaults: dict[str, Any] = {"editable": False, "blank": True, "default": ""}
        super().__init__(*args, **(defaults | kwargs))

    def deconstruct(self) -> tuple[str, str, Sequence[object], dict[str, object]]:
        name, _path, args, kwargs = super().deconstruct()
        return name, "django.db.models.TextField", args, kwargs

    def pre_save(self, model_instance: models.Model, add: bool) -> str:
        values = (getattr(model_instance, source) or "" for source in self.sources)
        folded = " " + " ".join(fold_text(plain_text(value)) for value in values) + " "
        setattr(model_instance, self.attname, folded)
        return folded


def fold_text(text: str) -> str:
    """Fold case and accents and drop punctuation: `"Élan, again"` becomes `"elan again"`."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(char for char in apart if not unicodedata.combining(char))
    return " ".join(re.findall(r"\w+", bare.casefold()))


def _reject_expression(value: object) -> None:
    if hasattr(value, "resolve_expression"):
        raise FieldError("Rich text is written as text, so that it can be cleaned.")

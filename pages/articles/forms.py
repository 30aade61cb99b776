"""The form of an article's writing page."""

from typing import Any

from django import forms
from django.utils.text import slugify
from django.utils.translation import gettext as _

from pages.articles.models import Article, Category, validate_article_slug
from pages.publishing.forms import PublishingForm
from pages.text.outline import single_line
from pages.text.references import reference_lines, references_html

MAX_SLUG_CHARS = 100


class ArticleForm(PublishingForm):
    """Take the title as one line and the references one a line; the category has a default."""

    class Meta:
        widgets = {
            "title": forms.Textarea(attrs={"rows": 1, "maxlength": 255}),
            "summary": forms.Textarea(attrs={"rows": 3, "maxlength": 300}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if "references" in self.fields:
            self.initial["references"] = reference_lines(self.instance.references)
        if "category" in self.fields:
            self.fields["category"].required = False
            if not self.initial.get("category"):
                first = Category.objects.first()
                self.initial["category"] = first.pk if first else None

    def clean_title(self) -> str:
        return single_line(self.cleaned_data["title"])

    def clean_category(self) -> Category:
        return self.cleaned_data["category"] or default_category()

    def clean_references(self) -> str:
        """Return HTML; references that nobody changed keep the markup they were stored with."""
        if "references" not in self.changed_data:
            return self.instance.references
        return references_html(self.cleaned_data["references"])


def default_category() -> Category:
    """Return the first category; a site without one gets one."""
    first = Category.objects.first()
    return first or Category.objects.create(name=_("General"), slug="general")


def free_slug(title: str) -> str:
    """Return an address that no article has, made from the title where possible."""
    base = slugify(title)[:MAX_SLUG_CHARS].strip("-") or "draft"
    candidates = (base if n == 1 else f"{base}-{n}" for n in range(1, 10_000))
    return next(slug for slug in candidates if _is_free_slug(slug))


def _is_free_slug(slug: str) -> bool:
    try:
        validate_article_slug(slug)
    except forms.ValidationError:
        return False
    return not Article.objects.filter(slug=slug).exists()

"""Run the checklist of pages.text on a stored page."""

from django.urls import reverse

from pages.media.models import Picture
from pages.media.rendering import find_picture_ids
from pages.publishing import blocks
from pages.publishing.revisions import Subject
from pages.text.checklist import CheckedText, Remark, check_text


def run_checklist(subject: Subject, *, calls_at_the_end: bool) -> list[Remark]:
    """Return remarks on an article or page; attributes it does not have count as empty."""
    html = subject.body or ""
    decorative = Picture.objects.filter(pk__in=find_picture_ids(html), is_decorative=True)
    return check_text(
        CheckedText(
            html=html,
            has_references=bool(getattr(subject, "references", "")),
            calls_at_the_end=calls_at_the_end,
            story_is_composite=getattr(subject, "story_is_composite", False),
            praise_is_permitted=bool(getattr(subject, "praise_permitted_on", None)),
            decorative=frozenset(str(pk) for pk in decorative.values_list("pk", flat=True)),
            unknown_blocks=tuple(blocks.find_unknown_blocks(html)),
            has_summary=bool(getattr(subject, "summary", "") or getattr(subject, "lead", "")),
            call_urls=(reverse("booking:consultation"),),
        )
    )

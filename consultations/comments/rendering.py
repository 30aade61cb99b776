"""A comment's text as HTML: escaped, with paragraphs and line breaks and nothing else. Pure."""

from django.utils.html import escape

RENDERER_VERSION = 1


def comment_html(text: str) -> str:
    """Addresses stay text. ``dir="auto"`` lets each paragraph run in its own script's direction."""
    paragraphs = [part.strip("\n") for part in text.split("\n\n") if part.strip()]
    return "".join(
        f'<p dir="auto">{escape(part).replace(chr(10), "<br>")}</p>' for part in paragraphs
    )

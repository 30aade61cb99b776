"""Factories for in-memory image files and for pictures in the library."""

import io
from datetime import UTC, datetime
from typing import Any

from PIL import Image

from pages.media.models import Picture
from pages.media.workflow import store_picture

NOW = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)


def gradient_image(width: int = 1000, height: int = 600) -> Image.Image:
    """Return a gradient, dark on the left, so that rotation and mirroring can be detected."""
    return Image.linear_gradient("L").rotate(90).resize((width, height)).convert("RGB")


def image_file(image: Image.Image, kind: str = "JPEG", **options: Any) -> io.BytesIO:
    file = io.BytesIO()
    image.save(file, kind, **options)
    file.seek(0)
    file.name = f"river_bank.{kind.lower()}"
    return file


def make_picture(image: Image.Image | None = None, **facts: Any) -> Picture:
    defaults: dict[str, Any] = {
        "alt": "A river in the morning",
        "is_decorative": False,
        "caption": "",
        "by": None,
        "now": NOW,
    }
    return store_picture(image_file(image or gradient_image(), quality=80), **{**defaults, **facts})

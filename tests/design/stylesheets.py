"""Read the stylesheets for the tests."""

import re
from pathlib import Path

from django.conf import settings

STATIC_DIR = Path(settings.BASE_DIR) / "static"
CSS_DIR = STATIC_DIR / "css"
TEMPLATES_DIR = Path(settings.BASE_DIR) / "templates"
CSS_COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def stylesheet_paths() -> list[Path]:
    """Return the stylesheets of the public site; admin.css builds on Django's own."""
    return sorted(set(CSS_DIR.rglob("*.css")) - {CSS_DIR / "admin.css"})


def read_rules(path: Path) -> str:
    return CSS_COMMENT.sub("", path.read_text())

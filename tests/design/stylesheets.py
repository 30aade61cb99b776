"""The stylesheets as the tests read them."""

import re
from pathlib import Path

from django.conf import settings

STATIC = Path(settings.BASE_DIR) / "static"
CSS = STATIC / "css"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
COMMENT = re.compile(r"/\*.*?\*/", re.DOTALL)


def stylesheets() -> list[Path]:
    """Those of the public site; the admin has a sheet of its own over Django's."""
    return sorted(set(CSS.rglob("*.css")) - {CSS / "admin.css"})


def rules(path: Path) -> str:
    return COMMENT.sub("", path.read_text())

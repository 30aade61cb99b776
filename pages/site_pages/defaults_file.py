"""The page texts we ship, read from `defaults/<key>.html`."""

from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

FOLDER = Path(__file__).parent / "defaults"


@dataclass(frozen=True)
class DefaultText:
    title: str = ""
    lead: str = ""
    body: str = ""
    is_template: bool = False
    updated_on: date | None = None


@cache
def read(key: str) -> DefaultText:
    """The shipped text of a page; `key` is one of `PageKey`, never a visitor's word."""
    path = FOLDER / f"{key}.html"
    return parse(path.read_text(encoding="utf-8")) if path.exists() else DefaultText()


def parse(text: str) -> DefaultText:
    """`name: value` lines, an empty line, then HTML."""
    head, _gap, body = text.strip().partition("\n\n")
    facts = {
        name.strip(): value.strip()
        for name, _colon, value in (line.partition(":") for line in head.splitlines())
    }
    updated = facts.get("updated", "")
    return DefaultText(
        title=facts.get("title", ""),
        lead=facts.get("lead", ""),
        body=body.strip(),
        is_template=facts.get("template", "no") == "yes",
        updated_on=date.fromisoformat(updated) if updated else None,
    )

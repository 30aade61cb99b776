"""The pattern page shows every component and needs no exception in the CSP."""

import re
from itertools import pairwise

import pytest
from django.template import Template, loader
from django.template.base import Node
from django.template.loader_tags import IncludeNode
from django.test import Client
from django.urls import reverse

from tests.design.stylesheets import TEMPLATES_DIR


def collect_includes(template: Template, seen: set[str]) -> set[str]:
    for node in _include_nodes(template):
        name = getattr(getattr(node, "template", None), "var", None)
        if isinstance(node, IncludeNode) and isinstance(name, str) and name not in seen:
            seen.add(name)
            collect_includes(loader.get_template(name).template, seen)  # type: ignore[attr-defined]
    return seen


def _include_nodes(template: Template) -> list[Node]:
    return template.nodelist.get_nodes_by_type(IncludeNode)


def test_pattern_page_shows_every_component() -> None:
    shown: set[str] = set()
    for name in ("patterns.html", "base.html", "base_page.html"):
        collect_includes(loader.get_template(name).template, shown)  # type: ignore[attr-defined]
    components = {
        f"components/{path.name}" for path in (TEMPLATES_DIR / "components").glob("*.html")
    }
    assert components - shown == set()


@pytest.fixture
def html(client: Client, db: None) -> str:
    response = client.get(reverse("pages:patterns"))
    assert response.status_code == 200
    assert response.cookies == {}
    return response.content.decode()


def test_no_inline_style_or_script(html: str) -> None:
    tags = re.findall(r"<[a-z][^>]*>", html)
    assert [tag for tag in tags if re.search(r"\s(?:style|on[a-z]+)=", tag)] == []
    assert "<style" not in html
    scripts = re.findall(r"<script([^>]*)>", html)
    assert all(" src=" in script or "application/ld+json" in script for script in scripts)


def test_heading_levels_are_not_skipped(html: str) -> None:
    levels = [int(level) for level in re.findall(r"<h([1-6])[\s>]", html)]
    assert levels.count(1) == 1
    assert all(after - before <= 1 for before, after in pairwise(levels))


def test_footer_contains_crisis_phone_link(html: str) -> None:
    footer = html[html.index('<footer class="site-footer"') :]
    assert 'href="tel:' in footer


def test_times_have_valid_datetime_attributes(html: str) -> None:
    written = re.findall(r'<time datetime="([^"]+)"', html)
    assert len(written) > 3
    # HTML does not allow the six fractional digits that isoformat() writes.
    assert [t for t in written if not re.fullmatch(r"[\d-]{10}T[\d:]{8}[+-]\d{4}", t)] == []

"""Rules that our stylesheets follow."""

import gzip
import re
from pathlib import Path

import pytest

from practice_site.storage import join_imports
from tests.design.stylesheets import (
    CSS_COMMENT,
    CSS_DIR,
    STATIC_DIR,
    TEMPLATES_DIR,
    read_rules,
    stylesheet_paths,
)

KIB = 1024
PHYSICAL_PROPERTY = re.compile(
    r"(?:(?:margin|padding|border)-(?:left|right|top|bottom)(?:-\w+)?"
    r"|(?<![\w-])(?:left|right|top|bottom|width|height|min-width|max-width|min-height|max-height)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:|text-align\s*:\s*(?:left|right)"
    r"|float\s*:\s*(?:left|right)"
)
# Components without styles, or with a drawing only (its colours are in art.css).
COMPONENTS_WITHOUT_CSS = {"metadata", "required_note", "logo"}
# Loaded on the pages of a consultation only.
BOOKER_CSS = "booker.css"
# Stylesheets of more than one template: whole pages, fields, drawings, colour swatches.
CSS_WITHOUT_COMPONENT = {"art", "article", "callout", "field", "home", "look", "picture"}

for_each_stylesheet = pytest.mark.parametrize(
    "sheet", stylesheet_paths(), ids=lambda path: path.stem
)


@for_each_stylesheet
def test_stylesheet_uses_only_logical_properties(sheet: Path) -> None:
    # Not every browser supports logical properties in media queries.
    declarations = re.sub(r"@media[^{]+", "", read_rules(sheet))
    assert PHYSICAL_PROPERTY.findall(declarations) == []


def test_physical_property_pattern_matches_examples() -> None:
    for wrong in ("margin-left: 1px", "{top: 0", "max-width: 2rem", "text-align: right"):
        assert PHYSICAL_PROPERTY.search(wrong)
    assert not PHYSICAL_PROPERTY.search(
        "max-inline-size: 2rem; border-block-start-width: 0; text-align: end"
    )


@for_each_stylesheet
def test_colours_come_from_tokens(sheet: Path) -> None:
    if sheet.stem in {"tokens", "print"}:
        return
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", read_rules(sheet)) == []


@for_each_stylesheet
def test_stylesheet_has_no_data_or_foreign_urls(sheet: Path) -> None:
    addresses = re.findall(r"url\(\"?([^\")]+)", read_rules(sheet))
    assert [url for url in addresses if ":" in url or url.startswith("//")] == []


def test_only_fonts_css_uses_relative_urls() -> None:
    with_files = {sheet.name for sheet in stylesheet_paths() if "../" in read_rules(sheet)}
    assert with_files == {"fonts.css"}


def test_motion_requires_no_preference_query() -> None:
    moving = re.compile(r"(?:transition|animation)(?:-\w+)*\s*:")
    for sheet in stylesheet_paths():
        before_media = read_rules(sheet).split("@media (prefers-reduced-motion: no-preference)")[0]
        assert moving.search(before_media) is None


def test_every_stylesheet_is_imported_once() -> None:
    imported = re.findall(r'url\("([^"]+)"\)', (CSS_DIR / "site.css").read_text())
    on_disk = {str(path.relative_to(CSS_DIR)) for path in stylesheet_paths()}
    on_disk -= {"site.css", "patterns.css", BOOKER_CSS}
    assert sorted(imported) == sorted(on_disk)


def test_components_and_stylesheets_match() -> None:
    templates = {path.stem for path in (TEMPLATES_DIR / "components").glob("*.html")}
    sheets = {path.stem for path in (CSS_DIR / "components").glob("*.css")}
    assert templates - COMPONENTS_WITHOUT_CSS == sheets - CSS_WITHOUT_COMPONENT


def test_css_js_and_fonts_meet_size_budgets() -> None:
    sources = {str(path.relative_to(CSS_DIR)): path.read_text() for path in stylesheet_paths()}
    joined = join_imports(sources["site.css"], sources)
    preloaded = [
        STATIC_DIR / "fonts" / f"{name}-latin.woff2" for name in ("atkinson-next", "fraunces")
    ]
    assert len(gzip.compress(joined.encode())) <= 10 * KIB
    for script in ("site.js", "booker.js"):
        assert len(gzip.compress((STATIC_DIR / "js" / script).read_bytes())) <= 4 * KIB
    assert len(gzip.compress(sources[BOOKER_CSS].encode())) <= 5 * KIB
    assert sum(font.stat().st_size for font in preloaded) <= 72 * KIB


def test_each_font_has_a_license_file() -> None:
    licences = " ".join(path.read_text() for path in (STATIC_DIR / "fonts").glob("OFL-*.txt"))
    families = ["Bricolage Grotesque", "Figtree", "Fraunces", "Newsreader", "Public Sans"]
    for family in ("Atkinson Hyperlegible Next", *families):
        assert family in licences
    assert CSS_COMMENT.sub("", licences).count("SIL OPEN FONT LICENSE Version 1.1") == 6


@for_each_stylesheet
def test_no_string_has_a_mark_that_joining_would_tighten(sheet: Path) -> None:
    strings = re.findall(r'"[^"]*"', read_rules(sheet))
    assert [text for text in strings if re.search(r"\s[{};,]|[{};,]\s", text)] == []

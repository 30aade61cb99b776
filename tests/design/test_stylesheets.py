"""What a stylesheet of ours may say."""

import gzip
import re
from pathlib import Path

import pytest

from practice_site.storage import join_imports
from tests.design.stylesheets import COMMENT, CSS, STATIC, TEMPLATES, rules, stylesheets

KB = 1024
PHYSICAL = re.compile(
    r"(?:(?:margin|padding|border)-(?:left|right|top|bottom)(?:-\w+)?"
    r"|(?<![\w-])(?:left|right|top|bottom|width|height|min-width|max-width|min-height|max-height)"
    r"|border-(?:top|bottom)-(?:left|right)-radius)\s*:|text-align\s*:\s*(?:left|right)"
    r"|float\s*:\s*(?:left|right)"
)
# Templates which draw nothing of their own, or only a drawing (art.css holds its colours).
WITHOUT_SHEET = {"metadata", "required_note", "mark", "portrait", "scene"}
# Sheets of things that are more than one template: every field, all drawings, the colour list.
WITHOUT_TEMPLATE = {"art", "callout", "field", "picture", "slot_grid", "swatches"}

ours = pytest.mark.parametrize("sheet", stylesheets(), ids=lambda path: path.stem)


@ours
def test_only_logical_properties(sheet: Path) -> None:
    # Media queries have no logical words that every browser knows.
    declarations = re.sub(r"@media[^{]+", "", rules(sheet))
    assert PHYSICAL.findall(declarations) == []


def test_the_lint_sees_a_physical_property() -> None:
    for wrong in ("margin-left: 1px", "{top: 0", "max-width: 2rem", "text-align: right"):
        assert PHYSICAL.search(wrong)
    assert not PHYSICAL.search(
        "max-inline-size: 2rem; border-block-start-width: 0; text-align: end"
    )


@ours
def test_colours_come_from_tokens(sheet: Path) -> None:
    if sheet.stem in {"tokens", "print"}:
        return
    assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules(sheet)) == []


@ours
def test_no_data_or_foreign_address(sheet: Path) -> None:
    addresses = re.findall(r"url\(\"?([^\")]+)", rules(sheet))
    assert [url for url in addresses if ":" in url or url.startswith("//")] == []


def test_fonts_are_named_only_where_joining_keeps_their_address() -> None:
    with_files = {sheet.name for sheet in stylesheets() if "../" in rules(sheet)}
    assert with_files == {"fonts.css"}


def test_motion_asks_first() -> None:
    moving = re.compile(r"(?:transition|animation)(?:-\w+)*\s*:")
    for sheet in stylesheets():
        before_media = rules(sheet).split("@media (prefers-reduced-motion: no-preference)")[0]
        assert moving.search(before_media) is None


def test_every_sheet_is_imported_once() -> None:
    imported = re.findall(r'url\("([^"]+)"\)', (CSS / "site.css").read_text())
    on_disk = {str(path.relative_to(CSS)) for path in stylesheets()} - {"site.css"}
    assert sorted(imported) == sorted(on_disk)


def test_component_and_sheet_go_together() -> None:
    templates = {path.stem for path in (TEMPLATES / "components").glob("*.html")}
    sheets = {path.stem for path in (CSS / "components").glob("*.css")}
    assert templates - WITHOUT_SHEET == sheets - WITHOUT_TEMPLATE


def test_budgets() -> None:
    sources = {str(path.relative_to(CSS)): path.read_text() for path in stylesheets()}
    joined = join_imports(sources["site.css"], sources)
    preloaded = [STATIC / "fonts" / f"{name}-latin.woff2" for name in ("atkinson-next", "fraunces")]
    assert len(gzip.compress(joined.encode())) <= 10 * KB
    assert len(gzip.compress((STATIC / "js" / "site.js").read_bytes())) <= 4 * KB
    assert sum(font.stat().st_size for font in preloaded) <= 72 * KB


def test_each_font_has_its_licence_beside_it() -> None:
    licences = " ".join(path.read_text() for path in (STATIC / "fonts").glob("OFL-*.txt"))
    assert "Atkinson Hyperlegible Next" in licences
    assert "Fraunces" in licences
    assert COMMENT.sub("", licences).count("SIL OPEN FONT LICENSE Version 1.1") == 2

"""The stylesheets of the staff's desk: the site's colors, and icons that exist."""

import re

from pages import desk
from tests.design.stylesheets import STATIC_DIR, TEMPLATES_DIR, read_rules
from tests.design.test_contrast import theme_colors
from tests.design.test_stylesheets import PHYSICAL_PROPERTY

DESK_SHEETS = sorted((STATIC_DIR / "admin").glob("desk*.css"))
SPRITE = STATIC_DIR / "admin" / "desk_icons.svg"


def test_desk_has_the_colors_of_the_site_in_both_themes() -> None:
    sheet = (STATIC_DIR / "admin" / "desk_tokens.css").read_text()
    pairs = re.findall(r"--([a-z0-9-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\);", sheet)
    colors = theme_colors()
    assert {name: light for name, light, _dark in pairs} == colors["light"]
    assert {name: dark for name, _light, dark in pairs} == colors["dark"]


def test_desk_sheets_use_tokens_and_logical_properties() -> None:
    assert len(DESK_SHEETS) >= 6
    for sheet in DESK_SHEETS:
        rules = read_rules(sheet)
        if sheet.stem != "desk_tokens":
            assert re.findall(r"#[0-9a-fA-F]{3,8}\b|rgba?\(|hsla?\(", rules) == [], sheet.name
        assert PHYSICAL_PROPERTY.findall(re.sub(r"@media[^{]+", "", rules)) == [], sheet.name


def test_every_icon_of_the_desk_is_drawn() -> None:
    drawn = set(re.findall(r'<symbol id="i-([a-z-]+)"', SPRITE.read_text()))
    sources = "".join(path.read_text() for path in (TEMPLATES_DIR / "admin").rglob("*.html"))
    used = set(re.findall(r'_icon\.html" with name="([a-z-]+)"', sources))
    used |= {group.icon for group in desk.GROUPS}
    assert used - drawn == set()

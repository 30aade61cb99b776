"""The icons of the site, drawn again whenever the look is saved."""

from pages.look.logos import SMALL_ICON_SIDE, TOUCH_ICON_SIDE, IconColors, make_icon
from pages.look.models import Look, LookFile
from pages.look.palette import derive_palette
from pages.look.stylesheet import Style


def rebuild_icons(look: Look) -> None:
    """Set the icons of a look that is about to be saved; the default one keeps the static ones."""
    look.small_icon = look.touch_icon = None
    if look.logo is None and (look.accent, look.paper) == (Style.accent, Style.paper):
        return
    light = derive_palette(look.accent, look.paper).light
    colors = IconColors(
        paper=light["paper"],
        accent=light["accent"],
        on_accent=light["on-accent"],
        sky=light["art-5"],
        sun=light["art-1"],
        leaf=light["art-2"],
    )
    logo = bytes(look.logo.content) if look.logo else None
    letter = look.profile.name.strip()[:1].upper() or "•"
    small = make_icon(SMALL_ICON_SIDE, colors, logo=logo, letter=letter)
    touch = make_icon(TOUCH_ICON_SIDE, colors, logo=logo, letter=letter, is_opaque=True)
    look.small_icon = LookFile.keep("icon", small, (SMALL_ICON_SIDE, SMALL_ICON_SIDE))
    look.touch_icon = LookFile.keep("icon", touch, (TOUCH_ICON_SIDE, TOUCH_ICON_SIDE))

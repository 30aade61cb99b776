"""Convert between sRGB and OKLCH, and compare colors by the contrast formula of WCAG 2.

OKLCH describes a color as the eye does: lightness (0 to 1), chroma (0 is gray, sRGB ends at about
0.32) and hue (degrees). Two colors of one lightness look equally light, whatever their hue.
"""

import math
import re
from functools import lru_cache
from typing import NamedTuple

HEX_PATTERN = re.compile(r"#?([0-9a-fA-F]{6}|[0-9a-fA-F]{3})")
Rgb = tuple[float, float, float]


class Oklch(NamedTuple):
    lightness: float
    chroma: float
    hue: float


def parse_hex(text: str) -> str | None:
    """Return a typed color as `#RRGGBB`, or None if it is not one."""
    match = HEX_PATTERN.fullmatch(text.strip())
    if match is None:
        return None
    digits = match[1].upper()
    return "#" + (digits if len(digits) == 6 else "".join(digit * 2 for digit in digits))


def to_oklch(color: str) -> Oklch:
    red, green, blue = _linear_channels(color)
    long = (0.4122214708 * red + 0.5363325363 * green + 0.0514459929 * blue) ** (1 / 3)
    medium = (0.2119034982 * red + 0.6806995451 * green + 0.1073969566 * blue) ** (1 / 3)
    short = (0.0883024619 * red + 0.2817188376 * green + 0.6299787005 * blue) ** (1 / 3)
    lightness = 0.2104542553 * long + 0.7936177850 * medium - 0.0040720468 * short
    a = 1.9779984951 * long - 2.4285922050 * medium + 0.4505937099 * short
    b = 0.0259040371 * long + 0.7827717662 * medium - 0.8086757660 * short
    return Oklch(lightness, math.hypot(a, b), math.degrees(math.atan2(b, a)) % 360)


def from_oklch(lightness: float, chroma: float, hue: float) -> str:
    """Return the sRGB color, less colorful where sRGB has none of this lightness and hue."""
    lightness = min(1.0, max(0.0, lightness))
    channels = _oklch_to_linear(lightness, chroma, hue)
    if not _is_in_gamut(channels):
        low, high = 0.0, chroma
        for _step in range(12):
            middle = (low + high) / 2
            if _is_in_gamut(_oklch_to_linear(lightness, middle, hue)):
                low = middle
            else:
                high = middle
        channels = _oklch_to_linear(lightness, low, hue)
    return "#" + "".join(f"{_encode_channel(value):02X}" for value in channels)


def contrast_ratio(one: str, other: str) -> float:
    """Return the contrast of two colors, 1 to 21."""
    darker, lighter = sorted((relative_luminance(one), relative_luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@lru_cache(maxsize=1024)
def relative_luminance(color: str) -> float:
    red, green, blue = _linear_channels(color)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def hue_distance(one: float, other: float) -> float:
    """Return the angle between two hues, 0 to 180 degrees."""
    return abs((one - other + 180) % 360 - 180)


def _decode_channel(value: int) -> float:
    part = value / 255
    return part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4


_LINEAR = [_decode_channel(value) for value in range(256)]


def _linear_channels(color: str) -> Rgb:
    number = int(color[1:], 16)
    return _LINEAR[number >> 16], _LINEAR[number >> 8 & 255], _LINEAR[number & 255]


def _encode_channel(value: float) -> int:
    value = min(1.0, max(0.0, value))
    part = value * 12.92 if value <= 0.0031308 else 1.055 * value ** (1 / 2.4) - 0.055
    return round(part * 255)


def _oklch_to_linear(lightness: float, chroma: float, hue: float) -> Rgb:
    angle = math.radians(hue)
    a, b = chroma * math.cos(angle), chroma * math.sin(angle)
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short,
        -1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short,
        -0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short,
    )


def _is_in_gamut(channels: Rgb) -> bool:
    return all(-0.0002 <= value <= 1.0002 for value in channels)

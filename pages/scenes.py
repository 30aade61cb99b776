"""Twelve drawn scenes, for covers of articles and for the home page.

Each is 640 by 400, with its motif in the middle, so that a tall frame shows it too. Shapes name
their colors by the classes art-1 to art-6, which every look sets, in light and in dark.
"""

import hashlib
from collections.abc import Callable, Mapping
from types import MappingProxyType

from django.utils.functional import Promise
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext_lazy as _

WIDTH, HEIGHT = 640, 400
SVG_START = (
    f'<svg class="art scene" viewBox="0 0 {WIDTH} {HEIGHT}" aria-hidden="true" focusable="false" '
    'preserveAspectRatio="xMidYMid slice">'
)
# Which art color stands for which: the drawing as it is, and two that differ from it.
COLORINGS = ((1, 2, 3, 4, 5, 6), (1, 3, 2, 4, 5, 6), (3, 2, 1, 4, 5, 6))


def _shape(color: int, path: str) -> tuple[int, str]:
    return color, f'path class="{{}}" d="{path}"'


def _ellipse(color: int, x: int, y: int, wide: int, high: int = 0) -> tuple[int, str]:
    return color, f'ellipse class="{{}}" cx="{x}" cy="{y}" rx="{wide}" ry="{high or wide}"'


def _sky(color: int) -> tuple[int, str]:
    return _shape(color, f"M0 0h{WIDTH}v{HEIGHT}H0z")


def _waves(color: int, top: int, depth: int = HEIGHT) -> tuple[int, str]:
    crests = f"M0 {top}q20-11 40 0" + "t40 0" * (WIDTH // 40 - 1)
    return _shape(color, f"{crests}v{min(depth, HEIGHT - top)}H0z")


RandomInt = Callable[[int, int], int]
Shapes = tuple[tuple[int, str], ...]

# The order of SCENES is part of what a slug's cover looks like: add at the end only.
SCENES: Mapping[str, tuple[Promise, Shapes]] = MappingProxyType(
    {
        "chairs": (
            _("Two armchairs by a window"),
            (
                _sky(5),
                _shape(2, "M236 262V128a84 84 0 0 1 168 0v134z"),
                _ellipse(1, 346, 136, 30),
                _shape(4, "M236 214c40-30 78-24 108-10s44 6 60-6v64H236z"),
                _shape(3, "M0 292h640v108H0z"),
                _ellipse(1, 320, 348, 220, 28),
                _shape(
                    4,
                    "M122 214c0-22 14-36 34-36s34 14 36 36l6 52h62c16 0 24 10 24 24v34H142c-12 0-18"
                    "-8-18-20z",
                ),
                _shape(
                    6, "M144 322h10v24h-10zm116 0h10v24h-10zm236 0h-10v24h10zm-116 0h-10v24h10z"
                ),
                _shape(2, "M160 252h98a14 14 0 0 1 0 28h-98z"),
                _shape(
                    6,
                    "M518 214c0-22-14-36-34-36s-34 14-36 36l-6 52h-62c-16 0-24 10-24 24v34h142c12 0"
                    " 18-8 18-20z",
                ),
                _shape(1, "M480 252h-98a14 14 0 0 0 0 28h98z"),
                _shape(6, "M578 150h6v186h-6zm-18 186h42v8h-42z"),
                _shape(1, "M556 96h50l22 58h-94z"),
            ),
        ),
        "river": (
            _("A river and a small boat"),
            (
                _sky(3),
                _ellipse(5, 440, 106, 52),
                _shape(4, "M0 190c110-70 210-60 320-16s220 30 320-24v250H0z"),
                _shape(
                    5,
                    "M306 190c30 40-20 60-90 96S60 360 20 400h180c30-40 100-70 128-112 30 40 120 72"
                    " 160 112h152c-60-50-130-70-210-106s-100-60-92-108z",
                ),
                _shape(1, "M196 318h92l-18 22h-58z"),
                _shape(6, "M240 246h5v72h-5z"),
                _shape(2, "M250 250l36 58h-36z"),
            ),
        ),
        "doors": (
            _("Three doors, one open"),
            (
                _sky(2),
                _shape(3, "M0 316h640v84H0z"),
                _shape(4, "M84 316V176a62 62 0 0 1 124 0v140zM432 316V176a62 62 0 0 1 124 0v140z"),
                _ellipse(5, 188, 244, 6),
                _ellipse(5, 452, 244, 6),
                _shape(5, "M252 316V160a68 68 0 0 1 136 0v156z"),
                _ellipse(1, 320, 196, 36),
                _shape(4, "M252 268c46-26 90-20 136-4v52H252z"),
                _shape(5, "M252 316h136l70 84H182z"),
                _shape(1, "M388 160v156l48 26V186c0-40-22-68-58-80 6 16 10 34 10 54z"),
            ),
        ),
        "boat": (
            _("A sailing boat"),
            (
                _sky(3),
                _ellipse(1, 414, 118, 44),
                _shape(2, "M0 196c120-44 220-34 320-12s200 12 320-14v230H0z"),
                _waves(4, 286),
                _shape(5, "M312 66v196H214zM330 108l88 154h-88z"),
                _shape(6, "M316 56h8v222h-8z"),
                _shape(1, "M206 274h228l-34 46H240z"),
                _waves(2, 330, 38),
                _waves(4, 356),
            ),
        ),
        "lighthouse": (
            _("A lighthouse"),
            (
                _sky(1),
                _ellipse(5, 214, 126, 44),
                _shape(3, "M0 250c90-40 190-36 300-8s230 18 340-22v180H0z"),
                _waves(4, 304),
                _shape(6, "M270 352c34-46 90-62 140-58s90 30 130 58v48H250z"),
                _shape(5, "M346 300l14-160h44l14 160z"),
                _shape(4, "M353 222h58l3 30h-64zM358 168h48l2 26h-53z"),
                _shape(6, "M354 140h56v-8h-56zM362 106l20-24 20 24z"),
                _shape(5, "M366 132v-26h32v26z"),
                _waves(2, 366),
            ),
        ),
        "tree": (
            _("A tree and a bench"),
            (
                _sky(5),
                _ellipse(1, 428, 116, 50),
                _shape(3, "M0 268c120-50 230-44 330-14s200 20 310-18v164H0z"),
                _shape(2, "M0 328c150-34 420-34 640 0v72H0z"),
                _shape(6, "M306 344c8-60 6-110-4-164h30c-6 52-8 104 0 164z"),
                _ellipse(4, 316, 146, 96, 84),
                _ellipse(4, 246, 180, 52),
                _ellipse(4, 386, 180, 52),
                _shape(1, "M382 308h88v9h-88zm0-26h88v9h-88z"),
                _shape(6, "M388 278h8v62h-8zm68 0h8v62h-8z"),
            ),
        ),
        "mountains": (
            _("Mountains at sunrise"),
            (
                _sky(3),
                _ellipse(1, 232, 150, 62),
                _shape(4, "M40 330L270 96l104 122 66-62 180 174z"),
                _shape(5, "M270 96l-62 64 36-8 26 24 30-24 30 14z"),
                _shape(2, "M0 312c120-50 240-30 330-6s200 20 310-20v114H0z"),
                _shape(5, "M0 366c150-30 420-24 640 0v34H0z"),
            ),
        ),
        "bridge": (
            _("A bridge over water"),
            (
                _sky(2),
                _ellipse(5, 436, 104, 44),
                _shape(3, "M0 226c120-60 220-50 320-20s200 20 320-24v218H0z"),
                _shape(4, "M0 300h640v100H0z"),
                _shape(1, "M80 306C160 196 480 196 560 306h-66c-60-66-288-66-348 0z"),
                _shape(6, "M80 282C160 172 480 172 560 282v7C480 180 160 180 80 289z"),
                _shape(6, "M174 218h6v26h-6zm143-20h6v26h-6zm142 20h6v26h-6zM90 276h6v24h-6z"),
                _shape(5, "M210 336h220l-20 7H230zm40 24h140l-16 6H266z"),
            ),
        ),
        "stones": (
            _("Stones, one upon another"),
            (
                _sky(1),
                _ellipse(5, 220, 132, 50),
                _shape(2, "M0 262c150-40 260-30 360-8s190 10 280-14v160H0z"),
                _shape(3, "M0 330c150-20 420-26 640 0v70H0z"),
                _ellipse(6, 322, 334, 112, 36),
                _ellipse(4, 316, 280, 84, 29),
                _ellipse(5, 328, 234, 58, 23),
                _ellipse(6, 318, 200, 36, 16),
                _ellipse(4, 323, 175, 20, 11),
            ),
        ),
        "teacup": (
            _("A cup of tea"),
            (
                _sky(4),
                _shape(2, "M396 40h136v190H396z"),
                _shape(5, "M404 48h56v84h-56zm64 0h56v84h-56zm-64 92h56v82h-56zm64 0h56v82h-56z"),
                _shape(3, "M0 286h640v114H0z"),
                _ellipse(1, 300, 320, 140, 20),
                _shape(5, "M214 204h172c0 70-28 110-86 110s-86-40-86-110z"),
                _shape(5, "M380 216c66-12 74 66-8 72l8-18c38-4 36-40 0-34z"),
                _ellipse(6, 300, 206, 86, 14),
                _shape(2, "M268 180c-24-28 22-40 0-76 32 26-10 46 18 76zm52-6c-22-26 20-36 0-68z"),
                _shape(1, "M470 312h112v16H470z"),
                _shape(6, "M480 296h96v16h-96z"),
            ),
        ),
        "plant": (
            _("A plant on a windowsill"),
            (
                _sky(3),
                _shape(5, "M176 30h288v262H176z"),
                _shape(
                    2,
                    "M190 44h123v112H190zm137 0h123v112H327zM190 170h123v108H190zm137 0h123v108"
                    "H327z",
                ),
                _ellipse(1, 404, 96, 28),
                _shape(4, "M0 330h640v70H0z"),
                _shape(
                    4,
                    "M314 244c-76-30-92-92-70-150 48 32 78 90 70 150zm12 0c76-30 92-92 70-150-48 32"
                    "-78 90-70 150z",
                ),
                _shape(6, "M320 246c-32-62-26-136 0-184 26 48 32 122 0 184z"),
                _shape(1, "M262 236h116v26H262zm10 26h96l-14 78h-68z"),
            ),
        ),
        "night": (
            _("A lit window at night"),
            (
                _sky(6),
                _ellipse(5, 420, 96, 40),
                _ellipse(6, 440, 84, 36),
                _ellipse(3, 210, 70, 4),
                _ellipse(3, 280, 110, 3),
                _ellipse(3, 150, 130, 3),
                _ellipse(3, 520, 160, 4),
                _shape(4, "M0 262c120-60 230-50 330-16s200 20 310-22v176H0z"),
                _shape(3, "M246 316v-96h148v96z"),
                _shape(1, "M226 226l94-78 94 78z"),
                _shape(5, "M272 244h38v38h-38zm60 0h34v72h-34z"),
                _shape(2, "M0 322c150-26 420-26 640 0v78H0z"),
            ),
        ),
    }
)
SCENE_CHOICES = [(key, label) for key, (label, _shapes) in SCENES.items()]


def draw_scene(key: str, coloring: int = 0) -> SafeString:
    """Return the SVG of a scene, in one of the COLORINGS."""
    colors = COLORINGS[coloring]
    _label, shapes = SCENES[key]
    marks = (f"<{shape.format(f'art-{colors[color - 1]}')}/>" for color, shape in shapes)
    return mark_safe(SVG_START + "".join(marks) + "</svg>")  # noqa: S308 - fixed shapes


def draw_cover(seed: str, scene: str = "") -> SafeString:
    """Draw a scene, the named one or one chosen by a hash of the seed, which also picks colors.

    The same seed always gives the same picture, which holds no character of the seed.
    """
    pick = make_picker(seed)
    drawn = list(SCENES)[pick(0, len(SCENES) - 1)]
    coloring = pick(0, len(COLORINGS) - 1)
    return draw_scene(scene if scene in SCENES else drawn, coloring)


def make_picker(seed: str) -> RandomInt:
    """Return a function that picks whole numbers, the same ones for the same seed."""
    digest = iter(hashlib.shake_256(seed.encode()).digest(64))
    return lambda low, high: low + next(digest) % (high - low + 1)

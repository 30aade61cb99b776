"""Cut an uploaded picture to the square of a portrait."""

from dataclasses import dataclass
from typing import Self

from PIL import Image

MIN_SHARE = 0.1  # of the shorter side: a smaller cut would be a blur


@dataclass(frozen=True)
class Crop:
    """A square of a picture: its place and its side, each between 0 and 1.

    ``x`` and ``y`` say where the square lies between the two ends that it can reach, ``side`` how
    much of the shorter side it takes.
    """

    # Faces are above the middle.
    x: float = 0.5
    y: float = 0.2
    side: float = 1.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read ``x,y,side`` as the script of the form writes it; anything else is the default."""
        try:
            x, y, side = (float(part) for part in text[:60].split(","))
        except ValueError:
            return cls()
        if not (0 <= x <= 1 and 0 <= y <= 1 and MIN_SHARE <= side <= 1):
            return cls()
        return cls(x, y, side)

    def cut(self, image: Image.Image) -> Image.Image:
        """Return the square as a new picture."""
        side = max(1, round(min(image.size) * self.side))
        left = round((image.width - side) * self.x)
        top = round((image.height - side) * self.y)
        return image.crop((left, top, left + side, top + side))

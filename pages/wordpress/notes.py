"""What a conversion left out or changed, for the report. Pure."""

from dataclasses import dataclass, field


@dataclass
class Notes:
    """Codes with what they are about, each once, in the order of their finding."""

    found: dict[tuple[str, str], None] = field(default_factory=dict)

    def add(self, code: str, about: str = "") -> None:
        self.found[code, about[:200]] = None

    def about(self, code: str) -> list[str]:
        return [about for one, about in self.found if one == code]

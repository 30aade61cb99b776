"""Words that go into calendar files: nothing in them that a program could take for structure."""

import unicodedata

# Marks that reverse the reading direction of what follows: a name could turn the line around.
DIRECTIONS = frozenset(map(chr, [*range(0x202A, 0x202F), *range(0x2066, 0x206A)]))


def one_line(text: str) -> str:
    """Line ends and other control characters become single spaces."""
    return " ".join("".join(" " if is_control(one) else one for one in text).split())


def text_lines(text: str) -> str:
    """The same line by line; the writer of the file escapes the line ends."""
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(one_line(line) for line in text.split("\n")).strip("\n")


def is_control(character: str) -> bool:
    # Cs: half of a character; it cannot be written as UTF-8 at all.
    return unicodedata.category(character) in ("Cc", "Cs", "Zl", "Zp") or character in DIRECTIONS

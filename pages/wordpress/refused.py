"""Why a file is not read at all, as codes; the doors put them into words."""


class Unreadable(Exception):
    """`code` says what is the matter with the file."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class NotAnExport(Unreadable):
    """Some other file: zip, gzip, pdf, feed, other."""


class TooMuch(Unreadable):
    """Made to exhaust us, or as good as: entities, depth, node, file, items, damage."""

"""Why a file is not taken, in words for the person who chose it."""


class Refused(ValueError):
    """The message is a whole sentence that may stand beside the field."""

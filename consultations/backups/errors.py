"""What can go wrong with a backup."""


class BackupError(Exception):
    """A backup or restore failed; the message is one line for the operator."""


class WrongKey(Exception):
    """The file was encrypted for another key."""


class DamagedFile(Exception):
    """The file is cut or changed, or is not a backup of this site."""


class InvalidKey(Exception):
    """The text is not a key."""

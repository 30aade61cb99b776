"""Exceptions for backups and restores."""


class BackupError(Exception):
    """A backup or restore failed. The message is one line for the operator."""


class WrongKey(Exception):
    """The file was encrypted for another key."""


class DamagedFile(Exception):
    """The file is truncated, modified, or not a backup of this site."""


class InvalidKey(Exception):
    """The text is not a valid key."""

"""What can be wrong with a backup, said in one line."""


class Problem(Exception):
    """The command prints it and ends with 1; nothing has been changed."""

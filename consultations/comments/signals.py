"""Signals of comments, for rooms that comments must not import."""

from django.dispatch import Signal

# Sent in the transaction in which staff erased all comments of a person. Arguments: ``comments``
# (the rows, already emptied) and ``now``.
comments_erased = Signal()

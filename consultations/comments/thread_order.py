"""The order in which the comments of an article stand, and on which page. Pure.

Threads stand oldest first, and so do the answers in them; three levels are shown, deeper answers
stand on the third. A page takes whole threads until it is full, so that none is torn; only a
thread that is longer than a page goes on on the next, which then holds nothing else. Everything
here is linear: ten thousand comments, or a chain of ten thousand answers, are read in one go.
"""

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import NamedTuple

MAX_DEPTH = 2  # levels 0, 1 and 2
PAGE_SIZE = 100


class ThreadNode(NamedTuple):
    """What the order needs of a comment: whose answer it is, and whether it is shown."""

    key: str
    parent: str | None
    is_shown: bool = True


class ThreadPosition(NamedTuple):
    key: str
    depth: int
    holder: str | None  # the comment it stands under
    is_empty: bool  # taken down, and kept for the answers below it


def arrange_threads(oldest_first: Iterable[ThreadNode]) -> list[ThreadPosition]:
    """All of them in the order of the page. A cut-off answer stands on its own."""
    rows = {row.key: row for row in oldest_first}
    needed = _keys_to_keep(rows)
    holders = _display_parents(rows, needed)
    below: dict[str | None, list[str]] = {None: []}
    for key in rows:
        if key in needed:
            below.setdefault(holders[key][0], []).append(key)
    found: list[ThreadPosition] = []
    waiting = [*reversed(below[None])]
    while waiting:
        key = waiting.pop()
        holder, depth = holders[key]
        found.append(ThreadPosition(key, depth, holder, not rows[key].is_shown))
        waiting.extend(reversed(below.get(key, [])))
    return found


def paginate_threads(
    ordered: Sequence[ThreadPosition], size: int = PAGE_SIZE
) -> list[Sequence[ThreadPosition]]:
    """At least one page, each of at most ``size`` places."""
    cuts, begin, is_torn = [0], 0, False
    starts = [at for at, place in enumerate(ordered) if place.depth == 0]
    for thread, end in pairwise([*starts, len(ordered)]):
        if thread > begin and (is_torn or end - begin > size):
            begin, is_torn = thread, False
            cuts.append(begin)
        while end - begin > size:
            begin, is_torn = begin + size, True
            cuts.append(begin)
    return [ordered[a:b] for a, b in pairwise([*cuts, len(ordered)])]


def thread_root_key(ordered: Sequence[ThreadPosition], at: int) -> str:
    """The comment with which the thread at this place begins."""
    while ordered[at].depth:
        at -= 1
    return ordered[at].key


def _keys_to_keep(rows: dict[str, ThreadNode]) -> set[str]:
    """What is shown, and what once was and has something shown below it."""
    needed = {key for key, row in rows.items() if row.is_shown}
    for key in list(needed):
        parent = rows[key].parent
        while parent in rows and parent not in needed:
            needed.add(parent)
            parent = rows[parent].parent
    return needed


def _display_parents(
    rows: dict[str, ThreadNode], needed: set[str]
) -> dict[str, tuple[str | None, int]]:
    """For each comment the one it stands under, and its depth. Each is looked at once."""
    found: dict[str, tuple[str | None, int]] = {}
    for first in needed:
        trail: list[str] = []
        on_trail: set[str] = set()
        key: str | None = first
        while key in needed and key not in found and key not in on_trail:
            trail.append(key)
            on_trail.add(key)
            key = rows[key].parent
        if key in on_trail:
            key = None  # a circle, which only a broken import could make
        for child in reversed(trail):
            found[child] = _display_parent_and_depth(key if key in found else None, found)
            key = child
    return found


def _display_parent_and_depth(
    parent: str | None, found: dict[str, tuple[str | None, int]]
) -> tuple[str | None, int]:
    if parent is None:
        return None, 0
    holder, depth = found[parent]
    return (parent, depth + 1) if depth < MAX_DEPTH else (holder, depth)

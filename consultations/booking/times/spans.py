"""Stretches of time on the line of instants, half-open: two that touch do not meet. Pure."""

from bisect import bisect_right
from collections.abc import Iterable

Span = tuple[int, int]  # whole seconds since 1970


def merged(spans: Iterable[Span]) -> list[Span]:
    """Sorted, with what overlaps or touches made one, and empty ones left out."""
    result: list[Span] = []
    for begin, end in sorted(spans):
        if begin >= end:
            continue
        if result and begin <= result[-1][1]:
            result[-1] = (result[-1][0], max(result[-1][1], end))
        else:
            result.append((begin, end))
    return result


def meets(spans: list[Span], begin: int, end: int) -> bool:
    """Does [begin, end) meet one of some merged spans?"""
    place = bisect_right(spans, (begin, end))
    if place > 0 and spans[place - 1][1] > begin:
        return True
    return place < len(spans) and spans[place][0] < end

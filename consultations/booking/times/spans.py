"""Stretches of time on the line of instants, half-open: two that touch do not meet. Pure."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator

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


def clear_of(starts: range, spans: list[Span], before: int, after: int) -> Iterator[range]:
    """The starts whose [start - before, start + after) meets none of some merged spans.

    In pieces of the grid, and span by span: a free day costs one step, not one for each start.
    """
    rest = starts
    if not rest:
        return
    place = bisect_right(spans, rest[0] - before, key=_end_of)  # the first that ends after it
    while rest:
        if place == len(spans) or spans[place][0] >= rest[-1] + after:
            yield rest
            return
        begin, end = spans[place]
        free = max(0, (begin - after - rest[0]) // rest.step + 1)
        if free:
            yield rest[:free]
        rest = rest[max(free, -(-(end + before - rest[0]) // rest.step)) :]
        place += 1


def _end_of(span: Span) -> int:
    return span[1]

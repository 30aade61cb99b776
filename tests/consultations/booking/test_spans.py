"""Tests for time spans: merging, overlap, and start times that avoid them."""

from hypothesis import given, settings
from hypothesis import strategies as st

from consultations.booking.local_time import find_clear_starts, merge_spans, overlaps_any

MANY_EXAMPLES = settings(max_examples=300, derandomize=True, database=None, deadline=None)
edges = st.integers(0, 60)
spans = st.lists(st.tuples(edges, edges), max_size=6).map(merge_spans)


@MANY_EXAMPLES
@given(spans, edges, edges, st.integers(1, 9), st.integers(0, 7), st.integers(1, 12))
def test_clear_starts_overlap_no_span(taken, first, last, step, before, after):
    starts = range(first, last, step)
    pieces = list(find_clear_starts(starts, taken, before, after))
    expected = [one for one in starts if not overlaps_any(taken, one - before, one + after)]
    assert [one for piece in pieces for one in piece] == expected
    assert all(pieces)


def test_touching_spans_do_not_overlap() -> None:
    assert list(find_clear_starts(range(0, 50, 10), [(10, 20)], 0, 10)) == [
        range(0, 10, 10),
        range(20, 50, 10),
    ]
    assert list(find_clear_starts(range(0, 30, 10), [(10, 10)], 0, 10)) != []
    assert list(find_clear_starts(range(5, 5), [(0, 9)], 0, 1)) == []


def test_merge_drops_empty_and_joins_touching_spans() -> None:
    assert merge_spans([(5, 5), (3, 4), (4, 6), (9, 8)]) == [(3, 6)]

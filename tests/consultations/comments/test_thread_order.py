"""The order of comments and their pages, without a database."""

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from consultations.comments.threads import (
    MAX_DEPTH,
    PAGE_SIZE,
    ThreadNode,
    ThreadPosition,
    arrange_threads,
    paginate_threads,
)


def keys_and_depths(rows: list[ThreadNode]) -> list[tuple[str, int]]:
    return [(position.key, position.depth) for position in arrange_threads(rows)]


def reply_chain(length: int, *, shown: bool = True) -> list[ThreadNode]:
    return [ThreadNode(str(n), str(n - 1) if n else None, is_shown=shown) for n in range(length)]


def test_replies_follow_their_parent_in_order() -> None:
    rows = [
        ThreadNode("a", None),
        ThreadNode("b", None),
        ThreadNode("c", "a"),
        ThreadNode("d", "b"),
        ThreadNode("e", "a"),
    ]
    assert keys_and_depths(rows) == [("a", 0), ("c", 1), ("e", 1), ("b", 0), ("d", 1)]


def test_reply_older_than_its_parent_is_nested_under_it() -> None:
    assert keys_and_depths([ThreadNode("b", "a"), ThreadNode("a", None)]) == [("a", 0), ("b", 1)]


def test_hidden_comments_are_kept_only_above_shown_replies() -> None:
    rows = [
        ThreadNode("a", None, is_shown=False),
        ThreadNode("b", "a", is_shown=False),
        ThreadNode("c", "b"),
        ThreadNode("d", "a", is_shown=False),
        ThreadNode("e", "gone"),
    ]
    assert keys_and_depths(rows) == [("a", 0), ("b", 1), ("c", 2), ("e", 0)]
    assert [position.is_empty for position in arrange_threads(rows)] == [True, True, False, False]


def test_reply_cycles_terminate() -> None:
    rows = [
        ThreadNode("a", "c"),
        ThreadNode("b", "a"),
        ThreadNode("c", "b"),
        ThreadNode("self", "self"),
    ]
    assert sorted(key for key, _depth in keys_and_depths(rows)) == ["a", "b", "c", "self"]


def test_long_reply_chain_takes_linear_time() -> None:
    begun = process_time()
    ordered = arrange_threads(reply_chain(10_000))
    hidden = arrange_threads([*reply_chain(9_999, shown=False), ThreadNode("last", "9998")])
    took = process_time() - begun
    assert [position.depth for position in ordered[:4]] == [0, 1, 2, 2]
    assert [position.key for position in ordered] == [str(n) for n in range(10_000)]
    assert len(hidden) == 10_000
    assert took < 3  # quadratic time would take minutes


def test_pages_do_not_split_threads() -> None:
    rows = [ThreadNode(f"{n}", None) for n in range(40)]
    rows += [ThreadNode(f"{n}.{m}", f"{n}") for n in range(40) for m in range(2)]
    first, second = paginate_threads(arrange_threads(rows))
    assert (len(first), len(second)) == (99, 21)
    assert first[0].depth == second[0].depth == 0


def test_thread_longer_than_a_page_continues_on_next() -> None:
    long = [ThreadNode("x", None), *(ThreadNode(f"x{n}", "x") for n in range(210))]
    rows = [ThreadNode("a", None), *long, ThreadNode("z", None)]
    cut = paginate_threads(arrange_threads(rows))
    assert [len(page) for page in cut] == [1, 100, 100, 11, 1]
    assert cut[2][0] == ThreadPosition("x99", 1, "x", is_empty=False)


def test_no_comments_give_one_empty_page() -> None:
    assert [list(page) for page in paginate_threads([])] == [[]]


TREES = st.lists(
    st.tuples(st.integers(0, 60), st.booleans(), st.booleans()), min_size=0, max_size=60
)


@given(TREES, st.integers(1, 7))
def test_every_shown_comment_appears_exactly_once(facts, size) -> None:
    rows = [
        ThreadNode(str(n), str(parent % (n + 3)) if has_parent else None, is_shown=shown)
        for n, (parent, shown, has_parent) in enumerate(facts)
    ]
    ordered = arrange_threads(rows)
    keys = [position.key for position in ordered]
    assert len(keys) == len(set(keys))
    assert {row.key for row in rows if row.is_shown} <= set(keys)
    at: dict[str, ThreadPosition] = {}
    for position in ordered:
        assert position.depth <= MAX_DEPTH
        if position.parent is None:
            assert position.depth == 0
        else:
            assert position.depth == at[position.parent].depth + 1
        at[position.key] = position
    cut = paginate_threads(ordered, size)
    assert [position for page in cut for position in page] == ordered
    assert all(len(page) <= size for page in cut)
    assert PAGE_SIZE == 100

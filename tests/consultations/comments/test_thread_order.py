"""Where each comment stands, and on which page: without a database, also for very many."""

from time import process_time

from hypothesis import given
from hypothesis import strategies as st

from consultations.comments.thread_order import DEEPEST, PAGE_SIZE, Place, Seen, pages, places


def drawn(rows: list[Seen]) -> list[tuple[str, int]]:
    return [(place.key, place.depth) for place in places(rows)]


def chain(length: int, *, shown: bool = True) -> list[Seen]:
    return [Seen(str(n), str(n - 1) if n else None, is_shown=shown) for n in range(length)]


def test_answers_stand_under_what_they_answer_in_their_order() -> None:
    rows = [Seen("a", None), Seen("b", None), Seen("c", "a"), Seen("d", "b"), Seen("e", "a")]
    assert drawn(rows) == [("a", 0), ("c", 1), ("e", 1), ("b", 0), ("d", 1)]


def test_an_answer_older_than_its_comment_stands_under_it_all_the_same() -> None:
    assert drawn([Seen("b", "a"), Seen("a", None)]) == [("a", 0), ("b", 1)]


def test_hidden_ones_are_kept_for_shown_answers_only() -> None:
    rows = [Seen("a", None, is_shown=False), Seen("b", "a", is_shown=False), Seen("c", "b"),
            Seen("d", "a", is_shown=False), Seen("e", "gone")]  # fmt: skip
    assert drawn(rows) == [("a", 0), ("b", 1), ("c", 2), ("e", 0)]
    assert [place.is_empty for place in places(rows)] == [True, True, False, False]


def test_a_circle_ends() -> None:
    rows = [Seen("a", "c"), Seen("b", "a"), Seen("c", "b"), Seen("self", "self")]
    assert sorted(key for key, _depth in drawn(rows)) == ["a", "b", "c", "self"]


def test_a_chain_of_ten_thousand_answers_is_read_in_one_go() -> None:
    begun = process_time()
    ordered = places(chain(10_000))
    hidden = places([*chain(9_999, shown=False), Seen("last", "9998")])
    took = process_time() - begun
    assert [place.depth for place in ordered[:4]] == [0, 1, 2, 2]
    assert [place.key for place in ordered] == [str(n) for n in range(10_000)]
    assert len(hidden) == 10_000
    assert took < 3  # a square of it would be minutes


def test_threads_are_not_torn() -> None:
    rows = [Seen(f"{n}", None) for n in range(40)]
    rows += [Seen(f"{n}.{m}", f"{n}") for n in range(40) for m in range(2)]
    first, second = pages(places(rows))
    assert (len(first), len(second)) == (99, 21)
    assert first[0].depth == second[0].depth == 0


def test_a_thread_longer_than_a_page_goes_on_on_the_next() -> None:
    long = [Seen("x", None), *(Seen(f"x{n}", "x") for n in range(210))]
    rows = [Seen("a", None), *long, Seen("z", None)]
    cut = pages(places(rows))
    assert [len(page) for page in cut] == [1, 100, 100, 11, 1]
    assert cut[2][0] == Place("x99", 1, "x", is_empty=False)


def test_without_comments_there_is_one_empty_page() -> None:
    assert [list(page) for page in pages([])] == [[]]


TREES = st.lists(
    st.tuples(st.integers(0, 60), st.booleans(), st.booleans()), min_size=0, max_size=60
)


@given(TREES, st.integers(1, 7))
def test_nothing_is_lost_and_nothing_is_shown_twice(facts, size) -> None:
    rows = [
        Seen(str(n), str(parent % (n + 3)) if has_parent else None, is_shown=shown)
        for n, (parent, shown, has_parent) in enumerate(facts)
    ]
    ordered = places(rows)
    keys = [place.key for place in ordered]
    assert len(keys) == len(set(keys))
    assert {row.key for row in rows if row.is_shown} <= set(keys)
    at: dict[str, Place] = {}
    for place in ordered:
        assert place.depth <= DEEPEST
        if place.holder is None:
            assert place.depth == 0
        else:
            assert place.depth == at[place.holder].depth + 1
        at[place.key] = place
    cut = pages(ordered, size)
    assert [place for page in cut for place in page] == ordered
    assert all(len(page) <= size for page in cut)
    assert PAGE_SIZE == 100

"""The comparison of two texts."""

import pytest

from pages.publishing.diff import DiffRow, compare_html, compare_text, condense_rows, has_changes


def format_rows(rows: list[DiffRow]) -> list[str]:
    signs = {"same": "{}", "added": "+{}+", "removed": "-{}-"}
    return [
        f"{row.kind}: " + " ".join(signs[piece.change].format(piece.text) for piece in row.pieces)
        for row in rows
    ]


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        ("<p>a b c</p>", "<p>a b c</p>", ["p: a b c"]),
        ("<p>it was calm today</p>", "<p>it was quiet today</p>",
         ["p: it was -calm- +quiet+ today"]),
        ("<p>one</p>", "<p>one</p><h2>two</h2>", ["p: one", "h2: +two+"]),
        ("<p>one</p><p>two</p>", "<p>two</p>", ["p: -one-", "p: two"]),
        ("<p>wholly unlike words</p>", "<p>nothing in common here</p>",
         ["p: -wholly unlike words-", "p: +nothing in common here+"]),
        ("<p>a b c</p>", "<h2>a b c</h2>", ["h2: a b c"]),
        ('<p>see <a href="/a/">this page</a></p>', '<p>see <a href="/b/">this page</a></p>',
         ["p: see this page -(/a/)- +(/b/)+"]),
        ('<figure><img data-file="x" alt="a lake"></figure>', "", ["img: -a lake-"]),
        ("<ul><li>a</li><li>b</li></ul>", "<ul><li>a</li></ul>", ["li: a", "li: -b-"]),
        ("", "", []),
    ],
)  # fmt: skip
def test_html_diff_marks_added_and_removed(old, new, expected) -> None:
    assert format_rows(compare_html(old, new)) == expected


def test_formatting_change_is_no_text_change() -> None:
    assert not has_changes(compare_html("<p>a b</p>", "<p>a <strong>b</strong></p>"))
    assert has_changes(compare_text("a", "b"))


def test_text_is_compared_line_by_line() -> None:
    assert format_rows(compare_text("one\n\ntwo", "one\nthree")) == [
        "p: one",
        "p: -two-",
        "p: +three+",
    ]


def test_unchanged_rows_are_condensed_and_counted() -> None:
    old = "".join(f"<p>line {number}</p>" for number in range(10))
    rows = condense_rows(compare_html(old, old.replace("line 5", "row 5")))
    assert [(row.kind, row.skipped) for row in rows] == [
        ("gap", 4), ("p", 0), ("p", 0), ("p", 0), ("gap", 3),
    ]  # fmt: skip


def test_long_texts_are_compared_block_by_block() -> None:
    old = "<p>" + "word " * 5000 + "</p>"
    assert [len(row.pieces) for row in compare_html(old, old.replace("word", "other", 1))] == [1, 1]

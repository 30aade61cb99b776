"""Tests for labeling the cells of tables that stack on small screens."""

import pytest

from pages.text.outline import label_table_cells

LABELED_TABLE = (
    '<table class="stacking-table"><thead><tr><th scope="col"><p>Day</p></th>'
    '<th scope="col">Fee &amp; “time”</th></tr></thead>'
    '<tbody><tr><th scope="row">Monday</th><td data-label="Fee &amp; “time”">$1</td></tr>'
    '<tr><td data-label="Day">Tuesday</td><td data-label="Fee &amp; “time”"><p>$2</p></td></tr>'
    "</tbody></table>"
)
BODY_ROWS = (
    "<tr><th>Monday</th><td>$1</td></tr><tr><td>Tuesday</td><td><p>$2</p></td></tr></tbody></table>"
)
HEADING_ROW = "<tr><th><p>Day</p></th><th>Fee &amp; “time”</th></tr>"


@pytest.mark.parametrize(
    "html",
    [
        f"<table><tbody>{HEADING_ROW}{BODY_ROWS}",
        f"<table><thead>{HEADING_ROW}</thead><tbody>{BODY_ROWS}",
    ],
)
def test_cells_are_labeled_with_column_heading(html) -> None:
    assert label_table_cells(f"<p>a</p>{html}<p>b</p>") == f"<p>a</p>{LABELED_TABLE}<p>b</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>",
        '<table><tbody><tr><th colspan="2">a</th></tr><tr><td>b</td></tr></tbody></table>',
        "<table><tbody><tr><th>a</th></tr><tr><td>b</td><td>c</td></tr></tbody></table>",
        "<table><tbody></tbody></table>",
    ],
)
def test_tables_without_heading_row_are_unchanged(html) -> None:
    assert label_table_cells(html) == html

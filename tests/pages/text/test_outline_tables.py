import pytest

from pages.text.outline import label_table_cells

READY = (
    '<table class="stacking-table"><thead><tr><th scope="col"><p>Day</p></th>'
    '<th scope="col">Fee &amp; “time”</th></tr></thead>'
    '<tbody><tr><th scope="row">Monday</th><td data-label="Fee &amp; “time”">$1</td></tr>'
    '<tr><td data-label="Day">Tuesday</td><td data-label="Fee &amp; “time”"><p>$2</p></td></tr>'
    "</tbody></table>"
)
ROWS = (
    "<tr><th>Monday</th><td>$1</td></tr><tr><td>Tuesday</td><td><p>$2</p></td></tr></tbody></table>"
)
HEAD = "<tr><th><p>Day</p></th><th>Fee &amp; “time”</th></tr>"


@pytest.mark.parametrize(
    "html", [f"<table><tbody>{HEAD}{ROWS}", f"<table><thead>{HEAD}</thead><tbody>{ROWS}"]
)
def test_cells_know_the_heading_of_their_column(html) -> None:
    assert label_table_cells(f"<p>a</p>{html}<p>b</p>") == f"<p>a</p>{READY}<p>b</p>"


@pytest.mark.parametrize(
    "html",
    [
        "<table><tbody><tr><td>a</td></tr><tr><td>b</td></tr></tbody></table>",
        '<table><tbody><tr><th colspan="2">a</th></tr><tr><td>b</td></tr></tbody></table>',
        "<table><tbody><tr><th>a</th></tr><tr><td>b</td><td>c</td></tr></tbody></table>",
        "<table><tbody></tbody></table>",
    ],
)
def test_other_tables_stay_as_they_are(html) -> None:
    assert label_table_cells(html) == html

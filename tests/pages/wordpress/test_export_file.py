"""Exports whole and broken, read without a database."""

import io

import pytest

from pages.wordpress.export_file import Export
from pages.wordpress.refused import NotAnExport, TooMuch, Unreadable
from tests.factories.wordpress import wp_author, wp_category, wp_comment, wp_item, wp_tag, wxr


def read(data: bytes):
    export = Export(io.BytesIO(data))
    return export, list(export.items())


def test_a_whole_export_is_read_as_written():
    export, items = read(
        wxr(
            wp_author("lena", "Lena Ruiz", "lena@example.com"),
            wp_category("walking", "Walking"),
            wp_category("long-walks", "Long walks", parent="walking"),
            wp_tag("rest", "Rest & sleep"),
            wp_item(7, "One", "<p>a</p>", comments=[wp_comment(3), wp_comment(4, parent=3)]),
            wp_item(8, "Two", kind="page", status="draft", password="key"),
        )
    )
    assert [(a.login, a.name, a.email) for a in export.head.authors] == [
        ("lena", "Lena Ruiz", "lena@example.com")
    ]
    assert [(t.kind, t.slug, t.name, t.parent) for t in export.head.terms] == [
        ("category", "walking", "Walking", ""),
        ("category", "long-walks", "Long walks", "walking"),
        ("tag", "rest", "Rest & sleep", ""),
    ]
    one, two = items
    assert (one.id, one.type, one.status, one.title, one.content) == (
        7, "post", "publish", "One", "<p>a</p>",
    )  # fmt: skip
    assert [(c.id, c.parent, c.name, c.text) for c in one.comments] == [
        (3, 0, "Robin", "A kind word."),
        (4, 3, "Robin", "A kind word."),
    ]
    assert [(t.kind, t.slug, t.name) for t in one.terms] == [("category", "walking", "Walking")]
    assert (two.type, two.status, two.password) == ("page", "draft", "key")
    assert export.damage.found == {}
    assert not export.is_truncated


def test_what_commenters_left_beside_their_words_is_never_read():
    _export, [item] = read(wxr(wp_item(1, comments=[wp_comment(1)])))
    assert "203.0.113.77" not in repr(vars(item.comments[0]))
    assert "robin.example.com" not in repr(vars(item.comments[0]))


@pytest.mark.parametrize(
    "namespaces",
    [
        'xmlns:excerpt="https://wordpress.org/export/1.2/excerpt/" '
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:wp="https://wordpress.org/export/1.2/"',
        'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
        'xmlns:wp="http://wordpress.org/export/1.0/"',
        "",
    ],
    ids=["https", "1.0", "none declared"],
)
def test_old_and_new_namespaces_are_one(namespaces):
    _export, [item] = read(wxr(wp_item(1, excerpt="Short."), namespaces=namespaces))
    assert (item.id, item.excerpt, item.creator) == (1, "Short.", "lena")


def test_authors_under_their_other_name_are_authors():
    data = wxr(wp_author("lena", "Lena Ruiz"), wp_item(1)).replace(b"wp:author>", b"wp:wp_author>")
    export, _items = read(data)
    assert [(author.login, author.name) for author in export.head.authors] == [
        ("lena", "Lena Ruiz")
    ]


def test_another_prefix_means_the_same():
    data = wxr(wp_item(1)).replace(b"wp:", b"word:").replace(b"xmlns:wp=", b"xmlns:word=")
    _export, [item] = read(data)
    assert (item.id, item.status) == (1, "publish")


@pytest.mark.parametrize(
    "before",
    [
        "\n\n\n",
        "\ufeff",
        "<br />\n<b>Warning</b>: Undefined key &quot;x&quot; in <b>/home/x.php</b><br />\n",
        "<?php echo 'left over'; ?>\n<!-- cached -->\n",
        "Notice: something is off & <wrong\n",
    ],
    ids=["blank", "bom", "warning", "php", "notice"],
)
def test_what_stands_before_the_xml_is_got_over(before):
    _export, items = read(wxr(wp_item(1), wp_item(2), before=before))
    assert [item.id for item in items] == [1, 2]


def test_a_missing_version_and_missing_declarations_do_no_harm():
    export, [item] = read(wxr(wp_item(1), version="", declaration=""))
    assert export.head.version == ""
    assert item.id == 1


def test_control_characters_are_left_out():
    _export, [item] = read(wxr(wp_item(1, "Be\x0bll\x1b", "a\x00b\x08c\ufffe")))
    assert (item.title, item.content) == ("Bell", "abc")


def test_bytes_that_are_no_utf_8_are_read_as_windows_wrote_them():
    data = wxr(wp_item(1, "TITLE")).replace(b"TITLE", b"Caf\xe9 \x93open\x94")
    _export, [item] = read(data)
    assert item.title == "Café “open”"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_other_encodings_are_read(encoding):
    text = wxr(wp_item(1, "Café")).decode().replace("UTF-8", encoding)
    _export, [item] = read(text.encode(encoding))
    assert item.title == "Café"


def test_bare_ampersands_and_angle_brackets_stay_as_meant():
    item = wp_item(1, "T", "C").replace("<![CDATA[T]]>", "Work & rest <3 &amp; more")
    item = item.replace("<![CDATA[C]]>", "<p>5 < 6 & so on</p>")
    _export, [read_item] = read(wxr(item))
    assert read_item.title == "Work & rest <3 & more"
    assert read_item.content == "<p>5 < 6 & so on</p>"


def test_escaped_content_becomes_html_once():
    item = wp_item(1, "T", "C").replace("<![CDATA[C]]>", "&lt;p&gt;a &amp;amp; b&lt;/p&gt;")
    assert read(wxr(item))[1][0].content == "<p>a &amp; b</p>"


def test_an_end_of_cdata_inside_of_content_survives():
    text = "<pre>a]]>b</pre></content:encoded></item>"
    export, items = read(wxr(wp_item(1, content=text), wp_item(2)))
    assert next(item.content for item in items) == text
    assert len(items) == 2
    assert export.damage.found == {}


def test_cdata_in_cdata_is_read_to_its_real_end():
    broken = wp_item(1, content="INNER").replace("INNER", "<p>a <![CDATA[ b ]]> c</p>")
    export, items = read(wxr(broken, wp_item(2)))
    assert items[0].content == "<p>a  b  c</p>"
    assert len(items) == 2
    assert export.damage.found == {"nested": 1}


def test_cdata_that_is_never_closed_ends_with_its_element():
    broken = wp_item(1, content="<p>first</p>").replace("<p>first</p>]]>", "<p>first</p>")
    export, items = read(wxr(broken, wp_item(2, content="second")))
    assert [(i.id, i.content, i.status) for i in items] == [
        (1, "<p>first</p>", "publish"),
        (2, "second", "publish"),
    ]
    assert export.damage.found == {"unterminated": 1}


def test_the_last_item_s_open_cdata_ends_with_its_element():
    broken = wp_item(1, content="only").replace("only]]>", "only")
    assert [(i.content, i.status) for i in read(wxr(broken))[1]] == [("only", "publish")]


def test_an_element_without_its_end_stops_at_the_next():
    broken = wp_item(1, "T").replace("</title>", "")
    export, items = read(wxr(broken, wp_item(2)))
    assert [(i.id, i.title) for i in items] == [(1, "T"), (2, "A walk in the morning")]
    assert export.damage.found == {"unterminated": 1}


def test_an_item_that_is_never_closed_ends_where_the_next_begins():
    broken = wp_item(1).replace("</item>", "")
    export, items = read(wxr(broken, wp_item(2)))
    assert [(i.id, i.is_cut) for i in items] == [(1, True), (2, False)]
    assert export.damage.found == {"unclosed": 1}


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_a_file_cut_anywhere_is_read_as_far_as_it_goes(share):
    whole = wxr(*[wp_item(n, comments=[wp_comment(n)]) for n in range(1, 6)])
    cut = whole[: int(len(whole) * share)]
    export, items = read(cut)
    complete = cut.count(b"</item>")
    assert [item.id for item in items][:complete] == list(range(1, complete + 1))
    assert [item.is_cut for item in items[:complete]] == [False] * complete
    assert all(item.is_cut for item in items[complete:])
    assert export.is_truncated


def test_cut_between_status_and_password_the_password_stays_unknown():
    whole = wxr(wp_item(1, password="key"))
    _export, [item] = read(whole[: whole.index(b"<wp:post_password>")])
    assert (item.status, item.password, item.is_cut) == ("publish", None, True)


def test_a_comment_cut_in_its_middle_is_not_taken():
    whole = wxr(wp_item(1, comments=[wp_comment(1), wp_comment(2, "Half a word")]))
    _export, [item] = read(whole[: whole.index(b"Half a w") + 4])
    assert [comment.id for comment in item.comments] == [1]


def test_terms_that_the_head_does_not_declare_come_with_the_item():
    _export, [item] = read(
        wxr(wp_item(1, terms=[("post_tag", "new", "New"), ("format", "x", "X")]))
    )
    assert [(t.kind, t.slug, t.name) for t in item.terms] == [("tag", "new", "New")]


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (b"PK\x03\x04rest", "zip"),
        (b"\x1f\x8brest", "gzip"),
        (b"", "other"),
        (b"<html><body>Please log in</body></html>", "other"),
        (b'{"posts": []}', "other"),
        (b"<rss><channel><title>x</title></channel></rss>", "other"),
        (b"<rss><channel><item><title>x</title></item></channel></rss>", "feed"),
    ],
)
def test_other_files_are_refused(data, code):
    with pytest.raises(NotAnExport) as refusal:
        read(data)
    assert refusal.value.code == code


LAUGHS = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (wxr(wp_item(1), before="", declaration=LAUGHS), "entities"),
        (
            wxr(
                wp_item(1),
                declaration='<!DOCTYPE r [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>',
            ),
            "entities",
        ),
        (wxr("<deep>" * 5000), "depth"),
        (wxr("<item><title>x</title>" * 5000), "damage"),
    ],
    ids=["billion laughs", "external entity", "depth", "damage"],
)
def test_bombs_are_refused(data, code):
    with pytest.raises(TooMuch) as refusal:
        read(data)
    assert refusal.value.code == code


def test_a_node_larger_than_any_page_is_refused(monkeypatch):
    monkeypatch.setattr("pages.wordpress.export_text.LONGEST_NODE", 1)
    with pytest.raises(TooMuch) as refusal:
        read(wxr("<wp:author><wp:author_login>" + "a" * 40_000_000))
    assert refusal.value.code == "node"


@pytest.mark.parametrize("step", [1, 7])
def test_no_damage_of_single_bytes_raises_anything_but_a_refusal(step):
    whole = wxr(wp_author("a", "A"), wp_item(1, comments=[wp_comment(1)]))
    found = set()
    for place in range(step, len(whole), 61):
        for bad in (b"", b"<", b"\x00\xff", b"]]>", b"<![CDATA["):
            try:
                _export, items = read(whole[:place] + bad + whole[place + step :])
            except Unreadable:
                continue
            found.add(sum(1 + len(item.comments) for item in items))
    # Something may be lost with the bytes; nothing is made up.
    assert 2 in found
    assert found <= {0, 1, 2}

"""Reading intact and damaged exports, without a database."""

import io

import pytest

from pages.wordpress.wxr.export_file import ExportReader
from pages.wordpress.wxr.records import ExportLimitExceeded, NotAnExport, UnreadableExport
from tests.factories.wordpress import wp_author, wp_category, wp_comment, wp_item, wp_tag, wxr_file


def read_export(data: bytes):
    export = ExportReader(io.BytesIO(data))
    return export, list(export.items())


def test_complete_export_is_parsed():
    export, items = read_export(
        wxr_file(
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
    first, second = items
    assert (first.id, first.type, first.status, first.title, first.content) == (
        7, "post", "publish", "One", "<p>a</p>",
    )  # fmt: skip
    assert [(c.id, c.parent, c.name, c.text) for c in first.comments] == [
        (3, 0, "Robin", "A kind word."),
        (4, 3, "Robin", "A kind word."),
    ]
    assert [(t.kind, t.slug, t.name) for t in first.terms] == [("category", "walking", "Walking")]
    assert (second.type, second.status, second.password) == ("page", "draft", "key")
    assert export.damage.counts == {}
    assert not export.is_truncated


def test_commenter_ip_url_and_agent_are_not_read():
    _export, [item] = read_export(wxr_file(wp_item(1, comments=[wp_comment(1)])))
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
def test_old_and_new_namespaces_are_equivalent(namespaces):
    _export, [item] = read_export(wxr_file(wp_item(1, excerpt="Short."), namespaces=namespaces))
    assert (item.id, item.excerpt, item.creator) == (1, "Short.", "lena")


def test_wp_author_alias_is_accepted():
    data = wxr_file(wp_author("lena", "Lena Ruiz"), wp_item(1)).replace(
        b"wp:author>", b"wp:wp_author>"
    )
    export, _items = read_export(data)
    assert [(author.login, author.name) for author in export.head.authors] == [
        ("lena", "Lena Ruiz")
    ]


def test_custom_namespace_prefix_is_accepted():
    data = wxr_file(wp_item(1)).replace(b"wp:", b"word:").replace(b"xmlns:wp=", b"xmlns:word=")
    _export, [item] = read_export(data)
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
def test_text_before_xml_is_skipped(before):
    _export, items = read_export(wxr_file(wp_item(1), wp_item(2), before=before))
    assert [item.id for item in items] == [1, 2]


def test_missing_version_and_namespaces_are_tolerated():
    export, [item] = read_export(wxr_file(wp_item(1), version="", declaration=""))
    assert export.head.version == ""
    assert item.id == 1


def test_control_characters_are_removed():
    _export, [item] = read_export(wxr_file(wp_item(1, "Be\x0bll\x1b", "a\x00b\x08c\ufffe")))
    assert (item.title, item.content) == ("Bell", "abc")


def test_invalid_utf8_is_decoded_as_cp1252():
    data = wxr_file(wp_item(1, "TITLE")).replace(b"TITLE", b"Caf\xe9 \x93open\x94")
    _export, [item] = read_export(data)
    assert item.title == "Café “open”"


@pytest.mark.parametrize("encoding", ["utf-16", "iso-8859-1"])
def test_declared_encodings_are_decoded(encoding):
    text = wxr_file(wp_item(1, "Café")).decode().replace("UTF-8", encoding)
    _export, [item] = read_export(text.encode(encoding))
    assert item.title == "Café"


def test_bare_ampersands_and_brackets_are_kept():
    item = wp_item(1, "T", "C").replace("<![CDATA[T]]>", "Work & rest <3 &amp; more")
    item = item.replace("<![CDATA[C]]>", "<p>5 < 6 & so on</p>")
    _export, [read_item] = read_export(wxr_file(item))
    assert read_item.title == "Work & rest <3 & more"
    assert read_item.content == "<p>5 < 6 & so on</p>"


def test_escaped_content_is_unescaped_once():
    item = wp_item(1, "T", "C").replace("<![CDATA[C]]>", "&lt;p&gt;a &amp;amp; b&lt;/p&gt;")
    assert read_export(wxr_file(item))[1][0].content == "<p>a &amp; b</p>"


def test_escaped_cdata_end_in_content_survives():
    text = "<pre>a]]>b</pre></content:encoded></item>"
    export, items = read_export(wxr_file(wp_item(1, content=text), wp_item(2)))
    assert next(item.content for item in items) == text
    assert len(items) == 2
    assert export.damage.counts == {}


def test_nested_cdata_is_read_to_real_end():
    broken = wp_item(1, content="INNER").replace("INNER", "<p>a <![CDATA[ b ]]> c</p>")
    export, items = read_export(wxr_file(broken, wp_item(2)))
    assert items[0].content == "<p>a  b  c</p>"
    assert len(items) == 2
    assert export.damage.counts == {"nested": 1}


def test_unclosed_cdata_ends_with_its_element():
    broken = wp_item(1, content="<p>first</p>").replace("<p>first</p>]]>", "<p>first</p>")
    export, items = read_export(wxr_file(broken, wp_item(2, content="second")))
    assert [(i.id, i.content, i.status) for i in items] == [
        (1, "<p>first</p>", "publish"),
        (2, "second", "publish"),
    ]
    assert export.damage.counts == {"unterminated": 1}


def test_last_items_unclosed_cdata_ends_with_its_element():
    broken = wp_item(1, content="only").replace("only]]>", "only")
    assert [(i.content, i.status) for i in read_export(wxr_file(broken))[1]] == [
        ("only", "publish")
    ]


def test_unclosed_element_ends_at_next_element():
    broken = wp_item(1, "T").replace("</title>", "")
    export, items = read_export(wxr_file(broken, wp_item(2)))
    assert [(i.id, i.title) for i in items] == [(1, "T"), (2, "A walk in the morning")]
    assert export.damage.counts == {"unterminated": 1}


def test_unclosed_item_ends_at_next_item():
    broken = wp_item(1).replace("</item>", "")
    export, items = read_export(wxr_file(broken, wp_item(2)))
    assert [(i.id, i.is_cut) for i in items] == [(1, True), (2, False)]
    assert export.damage.counts == {"unclosed": 1}


@pytest.mark.parametrize("share", [0.2, 0.35, 0.5, 0.65, 0.8, 0.95])
def test_truncated_file_is_read_to_the_cut(share):
    whole = wxr_file(*[wp_item(n, comments=[wp_comment(n)]) for n in range(1, 6)])
    cut = whole[: int(len(whole) * share)]
    export, items = read_export(cut)
    complete = cut.count(b"</item>")
    assert [item.id for item in items][:complete] == list(range(1, complete + 1))
    assert [item.is_cut for item in items[:complete]] == [False] * complete
    assert all(item.is_cut for item in items[complete:])
    assert export.is_truncated


def test_cut_before_password_leaves_it_unknown():
    whole = wxr_file(wp_item(1, password="key"))
    _export, [item] = read_export(whole[: whole.index(b"<wp:post_password>")])
    assert (item.status, item.password, item.is_cut) == ("publish", None, True)


def test_truncated_comment_is_not_imported():
    whole = wxr_file(wp_item(1, comments=[wp_comment(1), wp_comment(2, "Half a word")]))
    _export, [item] = read_export(whole[: whole.index(b"Half a w") + 4])
    assert [comment.id for comment in item.comments] == [1]


def test_undeclared_terms_come_from_items():
    _export, [item] = read_export(
        wxr_file(wp_item(1, terms=[("post_tag", "new", "New"), ("format", "x", "X")]))
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
def test_other_file_types_are_rejected(data, code):
    with pytest.raises(NotAnExport) as refusal:
        read_export(data)
    assert refusal.value.code == code


BILLION_LAUGHS = '<!DOCTYPE rss [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (wxr_file(wp_item(1), before="", declaration=BILLION_LAUGHS), "entities"),
        (
            wxr_file(
                wp_item(1),
                declaration='<!DOCTYPE r [ <!ENTITY x SYSTEM "file:///etc/passwd"> ]>',
            ),
            "entities",
        ),
        (wxr_file("<deep>" * 5000), "depth"),
        (wxr_file("<item><title>x</title>" * 5000), "damage"),
    ],
    ids=["billion laughs", "external entity", "depth", "damage"],
)
def test_resource_bombs_are_rejected(data, code):
    with pytest.raises(ExportLimitExceeded) as refusal:
        read_export(data)
    assert refusal.value.code == code


def test_oversized_node_is_rejected(monkeypatch):
    monkeypatch.setattr("pages.wordpress.wxr.export_file.MAX_NODE_CHARS", 1)
    with pytest.raises(ExportLimitExceeded) as refusal:
        read_export(wxr_file("<wp:author><wp:author_login>" + "a" * 40_000_000))
    assert refusal.value.code == "node"


@pytest.mark.parametrize("step", [1, 7])
def test_single_byte_damage_raises_only_unreadable_export(step):
    whole = wxr_file(wp_author("a", "A"), wp_item(1, comments=[wp_comment(1)]))
    counts = set()
    for place in range(step, len(whole), 61):
        for bad in (b"", b"<", b"\x00\xff", b"]]>", b"<![CDATA["):
            try:
                _export, items = read_export(whole[:place] + bad + whole[place + step :])
            except UnreadableExport:
                continue
            counts.add(sum(1 + len(item.comments) for item in items))
    # Data may be lost with the damaged bytes, but none is made up.
    assert 2 in counts
    assert counts <= {0, 1, 2}

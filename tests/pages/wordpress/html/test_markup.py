"""Converting WordPress content without a database: blocks, shortcodes, builders, classic text."""

import pytest

from pages.wordpress.html.context import Attachment, ConversionContext
from pages.wordpress.html.markup import convert_content, html_to_text
from pages.wordpress.wxr.records import ConversionNotes

PICTURE_KEY = "1e3a0c52-58c9-4a0f-9d0e-0a1b2c3d4e5f"
UPLOADS = "https://old.example.com/wp-content/uploads/2024"
ATTACHMENTS = {
    7: Attachment(7, f"{UPLOADS}/tree.jpg", alt="A tree", caption="The tree by the river"),
    8: Attachment(8, f"{UPLOADS}/path.jpg"),
}
GALLERY = (
    f'<figure><img data-file="{PICTURE_KEY}" alt="A tree">'
    "<figcaption>The tree by the river</figcaption></figure>"
)
PICTURE = f'<img data-file="{PICTURE_KEY}" alt="A tree">'


def find_picture(url, number):
    return PICTURE_KEY if "tree" in url or number == 7 else ""


CONTEXT = ConversionContext(
    picture=find_picture,
    link=lambda href: href.replace("https://old.example.com/rest/", "/articles/rest/"),
    attachments=ATTACHMENTS,
    own_pictures=(7,),
    shared_blocks={5: "<!-- wp:paragraph --><p>Shared words</p><!-- /wp:paragraph -->"},
)


def convert_with_notes(content):
    notes = ConversionNotes()
    return convert_content(content, CONTEXT, notes), notes


def converted_html(content):
    return convert_with_notes(content)[0]


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("", ""),
        ("  \n ", ""),
        ("One.\n\nTwo.", "<p>One.</p><p>Two.</p>"),
        ("One\nline", "<p>One<br>line</p>"),
        ("a <b>b</b> c\n\n<em>d\ne</em>", "<p>a <strong>b</strong> c</p><p><em>d<br>e</em></p>"),
        ("Words\n<h2>Head</h2>\nmore", "<p>Words</p><h2>Head</h2><p>more</p>"),
        ("<ul>\n<li>a</li>\n<li>b</li>\n</ul>", "<ul><li>a</li><li>b</li></ul>"),
        ("<blockquote>a\n\nb</blockquote>", "<blockquote><p>a</p><p>b</p></blockquote>"),
        ("<div>a\n\nb</div></div>\n\nc", "<p>a</p><p>b</p><p>c</p>"),
        ("a<!--more-->b", "<p>a</p><p>b</p>"),
        ("a<!--nextpage-->b", "<p>a</p><p>b</p>"),
        ("<pre>a\n\nb  c</pre>", "<pre>a\n\nb  c</pre>"),
        ("5 < 6 & 7", "<p>5 &lt; 6 &amp; 7</p>"),
        (
            "https://www.youtube.com/watch?v=abcdefg",
            '<p><a href="https://www.youtube.com/watch?v=abcdefg" rel="noopener">'
            "youtube.com/watch?v=abcdefg</a></p>",
        ),
    ],
)  # fmt: skip
def test_classic_text_gets_paragraphs(content, expected):
    assert converted_html(content) == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ("<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->", "<p>a</p>"),
        ('<!-- wp:heading {"level":3} --><h3 class="x">a</h3><!-- /wp:heading -->', "<h3>a</h3>"),
        (
            "<!-- wp:columns --><div class=c><!-- wp:column --><div>"
            "<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph --></div><!-- /wp:column -->"
            "<!-- wp:column --><div><!-- wp:paragraph --><p>b</p><!-- /wp:paragraph --></div>"
            "<!-- /wp:column --></div><!-- /wp:columns -->",
            "<p>a</p><p>b</p>",
        ),
        (
            '<!-- wp:quote --><blockquote class="wp-block-quote"><p>a</p><cite>b</cite>'
            "</blockquote><!-- /wp:quote -->",
            "<blockquote><p>a</p><p><cite>b</cite></p></blockquote>",
        ),
        (
            '<!-- wp:image {"id":7} --><figure class="wp-block-image"><img src="x-300x200.jpg" '
            'alt="" class="wp-image-7"/><figcaption>Cap</figcaption></figure><!-- /wp:image -->',
            f"<figure>{PICTURE}<figcaption>Cap</figcaption></figure>",
        ),
        (
            f'<!-- wp:cover {{"url":"{UPLOADS}/tree.jpg","id":7}} --><div style="x">'
            "<p>On top</p></div><!-- /wp:cover -->",
            f"<figure>{PICTURE}</figure><p>On top</p>",
        ),
        (
            '<!-- wp:embed {"url":"https://vimeo.com/123"} --><figure><div>\n'
            "https://vimeo.com/123\n</div><figcaption>A film</figcaption></figure>"
            "<!-- /wp:embed -->",
            '<p><a href="https://vimeo.com/123" rel="noopener">vimeo.com/123</a></p><p>A film</p>',
        ),
        (
            "<!-- wp:core-embed/youtube --><figure><div>https://youtu.be/abc</div></figure>"
            "<!-- /wp:core-embed/youtube -->",
            '<p><a href="https://youtu.be/abc" rel="noopener">youtu.be/abc</a></p>',
        ),
        (
            "<!-- wp:code --><pre class=x><code>&lt;!-- wp:x --&gt; [gallery]</code></pre>"
            "<!-- /wp:code -->",
            "<pre><code>&lt;!-- wp:x --&gt; [gallery]</code></pre>",
        ),
        ('<!-- wp:block {"ref":5} /-->', "<p>Shared words</p>"),
        ("<!-- wp:more --><!--more--><!-- /wp:more --><!-- wp:spacer --><div></div>"
         "<!-- /wp:spacer -->", ""),
        ("<!-- wp:paragraph --><p>never closed", "<p>never closed</p>"),
        ("Loose\n\nwords<!-- wp:paragraph --><p>a</p><!-- /wp:paragraph -->",
         "<p>Loose</p><p>words</p><p>a</p>"),
    ],
)  # fmt: skip
def test_blocks_become_plain_html(content, expected):
    assert converted_html(content).replace("\n", "") == expected


@pytest.mark.parametrize(
    ("content", "note"),
    [
        ("<!-- wp:latest-posts /-->", ("block_removed", "latest-posts")),
        ('<!-- wp:query {"id":1} --><p>x</p><!-- /wp:query -->', ("block_removed", "query")),
        ("<!-- wp:jetpack/contact-form --><p>x</p><!-- /wp:jetpack/contact-form -->",
         ("block_removed", "jetpack/contact-form")),
        ("<!-- wp:acme/slider /-->", ("block_removed", "acme/slider")),
        ('<!-- wp:group {"metadata":{"blockVisibility":false}} --><p>x</p><!-- /wp:group -->',
         ("hidden", "group")),
        ("<!-- wp:premium-content/container --><p>x</p><!-- /wp:premium-content/container -->",
         ("guarded", "premium-content/container")),
        ("<form><input name=a><label>x</label></form>", ("form_removed", "")),
        ("[contact-form-7 id=1]", ("shortcode_removed", "[contact-form-7]")),
        ("[members]x[/members]", ("guarded", "[members]")),
        ("[et_pb_text disabled=\"on\"]x[/et_pb_text]", ("hidden", "[et_pb_text]")),
        ('[mystery_list count="3"]', ("shortcode_removed", "[mystery_list]")),
    ],
)  # fmt: skip
def test_removed_parts_are_noted(content, note):
    html, notes = convert_with_notes(content)
    assert html == ""
    assert note in notes.entries


def test_paywalled_content_is_not_imported():
    html = converted_html("<p>free</p><!-- wp:jetpack/paywall /--><!-- wp:paragraph --><p>paid</p>")
    assert html == "<p>free</p>"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            f'[caption id="a" align="left" width="300"]<a href="{UPLOADS}/tree.jpg">'
            f'<img class="wp-image-7" src="{UPLOADS}/tree-300x200.jpg" alt="A tree" /></a> '
            "Under <em>it</em>[/caption]",
            f"<figure>{PICTURE}<figcaption>Under <em>it</em></figcaption></figure>",
        ),
        ('[gallery ids="7,9"]', GALLERY),
        ("[gallery]", GALLERY),
        (
            "[youtube=https://www.youtube.com/watch?v=abcdefg]",
            '<p><a href="https://www.youtube.com/watch?v=abcdefg" rel="noopener">'
            "youtube.com/watch?v=abcdefg</a></p>",
        ),
        (
            '[audio mp3="https://old.example.com/a"][/audio]',
            '<p><a href="https://old.example.com/a" rel="noopener">old.example.com/a</a></p>',
        ),
        ("[embed]https://vimeo.com/12[/embed]",
         '<p><a href="https://vimeo.com/12" rel="noopener">vimeo.com/12</a></p>'),
        ("[code]if (a < b) { [gallery] }[/code]",
         "<pre><code>if (a &lt; b) { [gallery] }</code></pre>"),
        ("[latex]e = mc^2[/latex]", "<p><code>e = mc^2</code></p>"),
        ("$latex x^2$", "<p>$latex x^2$</p>"),
        ("She [sic] said [my sister] so [1] [...]", "<p>She [sic] said [my sister] so [1] […]</p>"),
        ("[[gallery]]", "<p>[gallery]</p>"),
        ("[unknown_box a=1]kept[/unknown_box]", "<p>kept</p>"),
        ("<pre>[gallery]</pre>", "<pre>[gallery]</pre>"),
        ("[a][b][/a]x[/b]", "<p>[b]x[/b]</p>"),
    ],
)  # fmt: skip
def test_shortcodes_become_plain_html(content, expected):
    assert converted_html(content).replace("[...]", "[…]") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            '[et_pb_section][et_pb_row][et_pb_text admin_label="x"]One.\n\nTwo.[/et_pb_text]'
            '[et_pb_button button_text="Call us" button_url="https://old.example.com/rest/"]'
            "[/et_pb_row][/et_pb_section]",
            '<p>One.</p><p>Two.</p><p><a href="/articles/rest/">Call us</a></p>',
        ),
        (
            '[vc_row][vc_column width="1/2"][vc_column_text]<p>a</p>[/vc_column_text]'
            '[vc_single_image image="7"][vc_custom_heading text="Next" font_container="tag:h3"]'
            '[vc_btn title="Go" link="url:https%3A%2F%2Fold.example.com%2Frest%2F|title:x"]'
            "[/vc_column][/vc_row]",
            f"<p>a</p><figure>{PICTURE}</figure><h3>Next</h3>"
            '<p><a href="/articles/rest/">Go</a></p>',
        ),
        (
            "[fusion_builder_container][fusion_text]a[/fusion_text][fusion_title size=\"2\"]T"
            "[/fusion_title][/fusion_builder_container]",
            "<p>a</p><h2>T</h2>",
        ),
        (
            "[vc_raw_html]JTNDcCUzRXJhdyUzQyUyRnAlM0U=[/vc_raw_html]",
            "<p>raw</p>",
        ),
        (
            '<!-- wp:fl-builder/layout --><div class="fl-row"><div><p>a</p></div></div>'
            "<!-- /wp:fl-builder/layout -->",
            "<p>a</p>",
        ),
        (
            '<style>.elementor-x{color:red}</style><h2>T</h2>\n<p>a</p>\n<svg><path d="M0"/></svg>',
            "<h2>T</h2><p>a</p>",
        ),
        ("[one_half]a[/one_half][one_half_last]b[/one_half_last]", "<p>a</p><p>b</p>"),
    ],
)  # fmt: skip
def test_page_builder_shortcodes_keep_text(content, expected):
    assert converted_html(content).replace("\n", "") == expected


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        ('<img src="https://s.w.org/images/core/emoji/1.svg" alt="🙂" class="emoji">a',
         "<p>🙂a</p>"),
        ('<img src="https://t.example/p.gif" width="1" height="1">a', "<p>a</p>"),
        ('<img src="data:image/png;base64,AAAA" alt="x">a', "<p>a</p>"),
        (
            '<img src="https://old.example.com/wp-content/uploads/no.jpg" alt="A lake">',
            '<p><a href="https://old.example.com/wp-content/uploads/no.jpg" rel="noopener">A lake'
            "</a></p>",
        ),
        (
            '<iframe src="https://www.youtube.com/embed/abcdefg?rel=0"></iframe>',
            '<p><a href="https://www.youtube.com/watch?v=abcdefg" rel="noopener">'
            "youtube.com/watch?v=abcdefg</a></p>",
        ),
        (
            '<a href="https://old.example.com/rest/#top">a</a>',
            '<p><a href="/articles/rest/#top">a</a></p>',
        ),
        ('<script>alert(1)</script><p onclick="x()">a</p>', "<p>a</p>"),
        ('<a href="javascript:alert(1)">a</a>', "<p>a</p>"),
        ("<p>a <![CDATA[b]]></p>", "<p>a b</p>"),
        ("<pre>a]]&gt;b ]]> c</pre>", "<pre>a]]&gt;b ]]&gt; c</pre>"),
    ],
)  # fmt: skip
def test_pictures_players_and_links_are_converted(content, expected):
    assert converted_html(content) == expected


def test_footnotes_are_appended():
    context = ConversionContext(footnotes='[{"content":"A <em>book</em>.","id":"x"}]')
    html = convert_content("<!-- wp:footnotes /--><p>a</p>", context, ConversionNotes())
    assert html.replace("\n", "") == "<p>a</p><hr><ol><li>A <em>book</em>.</li></ol>"


def test_circular_shared_blocks_terminate():
    shared = {1: '<p>a</p><!-- wp:block {"ref":2} /-->', 2: '<p>b</p><!-- wp:block {"ref":1} /-->'}
    context = ConversionContext(shared_blocks=shared)
    html = convert_content('<!-- wp:block {"ref":1} /-->', context, ConversionNotes())
    assert html.replace("\n", "") == "<p>a</p><p>b</p>"


@pytest.mark.parametrize(
    "content",
    [
        "<div>" * 300_000 + "x",
        "<b><a>" * 3_000 + "x",
        "<blockquote>" * 3_000 + "x",
        "[vc_row]" * 3_000 + "x" + "[/vc_row]" * 3_000,
        "<!-- wp:group -->" * 3_000 + "<p>x</p>",
        "[" * 20_000,
        '<!-- wp:a {"b":' * 2_000,
        "<a href='" * 5_000,
    ],
    ids=["div", "marks", "quote", "shortcodes", "blocks", "brackets", "json", "quotes"],
)
def test_deep_and_malformed_content_terminates(content):
    assert isinstance(converted_html(content), str)


def test_html_title_becomes_plain_text():
    assert html_to_text("With <em>marks</em> &amp; signs <b>") == "With marks & signs"

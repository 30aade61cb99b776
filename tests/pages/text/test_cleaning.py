"""Tests for cleaning HTML from the editor, imports and pastes."""

import pytest

from pages.text.cleaning import clean_html

UNSAFE = [
    ("<script>alert(1)</script>", ""),
    ("<p onclick=alert(1)>a</p>", "<p>a</p>"),
    ("<p style='position:fixed'>a</p>", "<p>a</p>"),
    ("<p class=x id=main>a</p>", "<p>a</p>"),
    ("<img src=x onerror=alert(1)>a", "a"),
    ("<p><img src='https://elsewhere.example/x.png' alt=''>a</p>", "<p>a</p>"),
    ("<svg><script>alert(1)</script></svg>a", "a"),
    ("<math><mtext><style><img src=x onerror=alert(1)></style></mtext></math>a", "a"),
    ("<iframe src='https://elsewhere.example/'>x</iframe>a", "a"),
    ("<form action='/x'><input name=q><button>b</button></form>", "b"),
    ("<style>p{color:red}</style><p>a</p>", "<p>a</p>"),
    ("<!-- hidden --><p>a</p>", "<p>a</p>"),
    ("<a href='javascript:alert(1)'>a</a>", "a"),
    ("<a href='JaVa&#115;cript:alert(1)'>a</a>", "a"),
    ("<a href='java\tscript:alert(1)'>a</a>", "a"),
    ("<a href='data:text/html,x'>a</a>", "a"),
    ("<a href='vbscript:x'>a</a>", "a"),
    ("<a href='/&#9;/elsewhere.example/'>a</a>", "a"),
    ("<a href='https:elsewhere.example'>a</a>", "a"),
    ("<div class='callout callout-evil x' id=y>a</div>", "<p>a</p>"),
    ("<div class='x callout callout-tip' style='x:y'><p>a</p></div>",
     '<div class="callout callout-tip"><p>a</p></div>'),
    ("<a href='//elsewhere.example/'>a</a>", "a"),
    ("<a href='/\\elsewhere.example/'>a</a>", "a"),
    ("<a href='\\\\elsewhere.example/'>a</a>", "a"),
    ("<a name=x>a</a>", "a"),
    ("<a href='/fees/' target=_blank rel=opener onclick=x>a</a>", '<a href="/fees/">a</a>'),
    ("<noscript><p title='</noscript><img src=x onerror=alert(1)>'>", "'&gt;"),
    ("<p>&lt;script&gt;a&lt;/script&gt;</p>", "<p>&lt;script&gt;a&lt;/script&gt;</p>"),
    ("<p>a\x00\x08b</p>", "<p>ab</p>"),
    ("<ol start='1\" onclick=\"x'><li>a</li></ol>", "<ol><li>a</li></ol>"),
    ("<td colspan='99999999'>a</td>", "a"),
    ("<table><tbody><tr><td colspan='0'>a</td></tr></tbody></table>",
     "<table><tbody><tr><td>a</td></tr></tbody></table>"),
]  # fmt: skip

KEPT = [
    "<h2>A</h2><h3>B</h3><h4>C</h4>",
    "<p>a <strong>b</strong> <em>c</em><br>d</p>",
    "<ul><li><p>a</p></li></ul>",
    '<ol start="3"><li>a</li></ol>',
    "<blockquote><p>a</p></blockquote><hr>",
    '<table><thead><tr><th scope="col">a</th></tr></thead>'
    '<tbody><tr><td colspan="2">b</td></tr></tbody></table>',
    '<p><a href="mailto:hello@quietroom.example.com">a</a> <a href="tel:988">b</a></p>',
    '<p><a href="#h-safety">a</a> <a href="/fees/?a=1&amp;b=2">b</a></p>',
    "<p>a<sup>1</sup> b<sub>2</sub> <del>c</del> <s>d</s> <code>e</code></p>",
    "<pre><code>if a &lt; b:\n    c</code></pre>",
    "<dl><dt>a</dt><dd>b</dd></dl>",
    '<p><abbr title="a b">c</abbr></p>',
    "<blockquote><p>a</p><p><cite>b</cite></p></blockquote>",
    "<table><caption>a</caption><tbody><tr><td>b</td></tr></tbody></table>",
    '<div class="callout callout-note"><p>a</p></div>',
    "<p>1 &lt; 2 &amp; “so”</p>",
    "<p>שלום עולם</p>",
]


@pytest.mark.parametrize(("html", "expected"), UNSAFE)
def test_unsafe_markup_is_removed(html: str, expected: str) -> None:
    assert clean_html(html) == expected


@pytest.mark.parametrize("html", KEPT)
def test_editor_markup_is_kept(html: str) -> None:
    assert clean_html(html) == html


@pytest.mark.parametrize("html", [html for html, _expected in UNSAFE] + KEPT)
def test_cleaning_is_idempotent(html: str) -> None:
    once = clean_html(html)
    assert clean_html(once) == once


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<b>a</b> <i>b</i>", "<strong>a</strong> <em>b</em>"),
        ("<h1>a</h1><h6>b</h6>", "<h2>a</h2><h4>b</h4>"),
        ("<p>a&nbsp;b\xa0c&#160;d</p>", "<p>a b c d</p>"),
        ("<p>a</p><p></p><p> </p>", "<p>a</p>"),
        ("<p></p>", ""),
        ("<div><span>a</span></div>", "<p>a</p>"),
        ("<div>a</div><section>b</section>", "<p>a</p><p>b</p>"),
        ("<h2><div>a</div><div>b</div></h2>", "<h2> a  b </h2>"),
        ("<p>a<br></p><p><br></p>", "<p>a<br></p>"),
        ("<ul><li>a</li><ul><li>b</li></ul></ul>", "<ul><li>a<ul><li>b</li></ul></li></ul>"),
        ("<li>a</li><li>b</li>", "<ul><li>a</li><li>b</li></ul>"),
        (
            "<blockquote>a <cite>b</cite></blockquote>",
            "<blockquote><p>a <cite>b</cite></p></blockquote>",
        ),
        ("<strong><p>a</p></strong>", "<p>a</p>"),
        # Google Docs
        (
            '<b style="font-weight:normal;" id="docs-internal-guid-1"><p dir="ltr"><span '
            'style="font-size:11pt;font-weight:700">a</span>'
            '<span style="font-style:italic"> b</span>'
            "</p></b>",
            "<p><strong>a</strong><em> b</em></p>",
        ),
        # Word
        (
            "<!--[if gte mso 9]><xml><w:WordDocument>x</w:WordDocument></xml><![endif]-->"
            '<p class=MsoNormal style="mso-margin-top-alt:auto"><span lang=EN-US>a<o:p></o:p>'
            "</span></p>"
            "<p class=MsoNormal><o:p>&nbsp;</o:p></p>",
            "<p>a</p>",
        ),
        (
            "<p class=MsoListParagraph style='mso-list:l0 level1 lfo1'><span"
            " style='mso-list:Ignore'>·<span>&nbsp; </span></span>one</p>"
            "<p style='mso-list:l0 level1 lfo1'>two</p><p style='color:red'>three</p>",
            "<ul><li>one</li><li>two</li></ul><p>three</p>",
        ),
        ("<xml><w:Zoom>0</w:Zoom></xml><p>a</p>", "<p>a</p>"),
    ],
)
def test_foreign_editor_markup_is_normalized(html: str, expected: str) -> None:
    assert clean_html(html) == expected


PICTURE = '<img data-file="12345678-1234-5678-1234-567812345678" alt="a &quot;b&quot;">'


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (f"<figure class='figure'>{PICTURE}<figcaption class=x>c</figcaption></figure>",
         f"<figure>{PICTURE}<figcaption>c</figcaption></figure>"),
        # A picture as the editor writes it without a caption, one inside text, and one in a link.
        (PICTURE, f"<figure>{PICTURE}</figure>"),
        (f"<p>a {PICTURE} b</p>", f"<p>a </p><figure>{PICTURE}</figure><p> b</p>"),
        (f"<p><a href='/x'>{PICTURE}</a></p>", f"<figure>{PICTURE}</figure>"),
        (f"<figure><figure>{PICTURE}</figure>{PICTURE}<figcaption><p>c</p></figcaption></figure>",
         f"<figure>{PICTURE}<figcaption>c</figcaption></figure><figure>{PICTURE}</figure>"),
        # In a gallery each picture may be a link followed by its own caption.
        (f"<figure><ul><li><figure><a href='/x'>{PICTURE}</a><figcaption>c</figcaption></figure>"
         "</li></ul></figure>",
         f"<ul><li><figure>{PICTURE}<figcaption>c</figcaption></figure></li></ul>"),
        # Without a picture of our library, only the text is kept.
        ("<figure><img src='https://elsewhere.example/x.png'><figcaption>c</figcaption></figure>",
         "<p>c</p>"),
        ("<figure><table><tbody><tr><td>a</td></tr></tbody></table></figure>",
         "<table><tbody><tr><td>a</td></tr></tbody></table>"),
        ("<img data-file='1' alt=''>a", "a"),
        (PICTURE.replace(" alt", " src='https://elsewhere.example/x' srcset='//x 2x' onload=x alt"),
         f"<figure>{PICTURE}</figure>"),
    ],
)  # fmt: skip
def test_only_library_pictures_are_kept_in_figures(html: str, expected: str) -> None:
    assert clean_html(html) == expected
    assert clean_html(expected) == expected


def test_deep_and_malformed_html_is_handled() -> None:
    assert clean_html("<b>" * 3000 + "a") == ""
    assert clean_html("<ul><li>" * 3000 + "a") == ""
    assert clean_html("<p>a\ud800\ufffe</p>") == "<p>a</p>"


def test_external_links_get_noopener() -> None:
    html = '<a href="https://elsewhere.example/">a</a>'
    assert clean_html(html) == '<a href="https://elsewhere.example/" rel="noopener">a</a>'


def test_internal_links_get_no_rel(settings) -> None:
    html = f'<a href="{settings.SITE_URL}/fees/">a</a>'
    assert clean_html(html) == html

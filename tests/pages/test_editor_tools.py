"""What our script adds to the editor, in a real browser: everything inserted is stored as it is."""

import base64
import re
from collections.abc import Iterator
from contextlib import suppress
from io import BytesIO

import pytest
from django.contrib.auth import get_user_model
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone
from PIL import Image
from playwright.sync_api import Browser, Error, Page, expect

from pages.articles.models import Article
from pages.media.models import Picture
from pages.media.workflow import store_picture
from tests.browser.accessibility import accessibility_violations
from tests.factories.pages import make_article, make_practice
from tests.hostile_markup import HOSTILE_MARKUP
from tests.pages.test_editor import sign_in
from tests.pages.text.test_hostile_markup import find_unsafe_markup

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WORD_HTML = """<html><body><!--StartFragment-->
<p class=MsoNormal style='mso-margin-top-alt:auto'><b><span lang=EN-US>Bold</span></b> and plain
<o:p></o:p></p>
<p class=MsoListParagraphCxSpFirst style='text-indent:-18.0pt;mso-list:l0 level1 lfo1'>
<![if !supportLists]><span style='font-family:Symbol'><span style='mso-list:Ignore'>·<span
style='font:7.0pt "Times New Roman"'>&nbsp;&nbsp;&nbsp; </span></span></span><![endif]>one</p>
<p class=MsoListParagraphCxSpLast style='mso-list:l0 level2 lfo1'><span
style='mso-list:Ignore'>o&nbsp;</span>below</p>
<p class=MsoNormal><span style='mso-spacerun:yes'>&nbsp;</span>end</p><!--EndFragment-->
</body></html>"""
GOOGLE_DOCS_HTML = """<meta charset='utf-8'><b style="font-weight:normal;"
id="docs-internal-guid-9"><p dir="ltr"><span
style="font-size:11pt;font-weight:700;">Strong</span><span
style="font-weight:400;font-style:italic;"> soft</span></p>
<h1 dir="ltr"><span>Big</span></h1></b>"""


def word_item(words: str, mark: str, place: str) -> str:
    return (
        f"<p class=MsoListParagraph style='mso-list:{place} lfo1'><![if !supportLists]>"
        f"<span style='mso-list:Ignore'>{mark}<span>&nbsp; </span></span><![endif]>{words}</p>"
    )


WORD_DOCUMENT_HTML = f"""<html><body><!--StartFragment-->
<p class=MsoNormal>Rest<a style='mso-footnote-id:ftn1' href="#_ftn1" name="_ftnref1"><span
class=MsoFootnoteReference>[1]</span></a> helps.</p>
{word_item("one", "1.", "l0 level1")}{word_item("two", "2.", "l0 level1")}
{word_item("dot", "·", "l1 level1")}
<p class=MsoQuote>Be kind.</p><p class=MsoQuote>To yourself.</p>
<p class=MsoNormal><img width=200 src="file:///C:/a.png" alt="A lake"></p>
<div style='mso-element:footnote-list'><div style='mso-element:footnote' id=ftn1>
<p class=MsoFootnoteText><a href="#_ftnref1" name="_ftn1"><span>[1]</span></a> Walker, <i>Why
We Sleep</i>, 2017.</p></div></div><!--EndFragment--></body></html>"""
WORD_DOCUMENT_TEXT = (
    '<p>Rest<a href="#reference-1"><sup>1</sup></a> helps.</p>'
    "<ol><li><p>one</p></li><li><p>two</p></li></ol><ul><li><p>dot</p></li></ul>"
    "<blockquote><p>Be kind.</p><p>To yourself.</p></blockquote>"
    "<p>[A picture could not be copied: A lake. Drop its file here.]</p>"
)
GOOGLE_DOCUMENT_HTML = """<meta charset='utf-8'><b style="font-weight:normal;"
id="docs-internal-guid-9"><ol><li dir="ltr"><p dir="ltr"><span>one</span></p></li></ol>
<ul><li dir="ltr"><p dir="ltr"><span>dot</span></p></li></ul>
<p dir="ltr" style="margin-left: 36pt;"><span>Be kind.</span></p>
<p dir="ltr"><a href="https://www.google.com/url?q=https://example.org/a&amp;sa=D"><span>A
link</span></a><sup><a href="#ftnt1" id="ftnt_ref1">[1]</a></sup></p>
<p dir="ltr"><img src="https://lh7.googleusercontent.com/x" width="300"></p></b>
<div><p><a href="#ftnt_ref1" id="ftnt1">[1]</a>&nbsp;Walker 2017.</p></div>"""
GOOGLE_DOCUMENT_TEXT = (
    "<ol><li><p>one</p></li></ol><ul><li><p>dot</p></li></ul>"
    "<blockquote><p>Be kind.</p></blockquote>"
    '<p><a href="https://example.org/a" rel="noopener">A link</a>'
    '<a href="#reference-1"><sup>1</sup></a></p>'
    "<p>[A picture could not be copied. Drop its file here.]</p>"
)


@pytest.fixture
def page(chromium: Browser, live_server) -> Iterator[Page]:
    make_practice()
    context = chromium.new_context(base_url=live_server.url)
    context.set_default_timeout(15_000)
    page = context.new_page()
    sign_in(page, live_server.url)
    yield page
    context.close()


def open_editor(page: Page, article: Article) -> None:
    page.goto(f"/admin/pages/article/{article.pk}/change/")
    page.wait_for_selector(".tiptap.ProseMirror")
    page.get_by_role("textbox", name="Text").click()


def save(page: Page, article: Article) -> str:
    page.click("[name=_publish]")
    page.wait_for_selector(".messagelist .success")
    article.refresh_from_db()
    return article.body


def paste(page: Page, html: str) -> None:
    page.evaluate(
        """html => {
            const data = new DataTransfer();
            data.setData("text/html", html);
            const event = new ClipboardEvent("paste", {clipboardData: data, bubbles: true});
            document.activeElement.dispatchEvent(event);
        }""",
        html,
    )


def create_picture() -> Picture:
    file = BytesIO()
    Image.new("RGB", (800, 600), "teal").save(file, "JPEG")
    return store_picture(
        SimpleUploadedFile("lake.jpg", file.getvalue(), "image/jpeg"),
        alt="A quiet lake",
        is_decorative=False,
        caption="In the morning",
        by=get_user_model().objects.get(),
        now=timezone.now(),
    )


def test_editor_inserts_blocks_callouts_and_links(page: Page) -> None:
    article = make_article(body="<p>Start.</p>")
    target = make_article(title="On rest", slug="on-rest")
    open_editor(page, article)
    editor = page.get_by_role("textbox", name="Text")
    editor.press("Control+End")
    editor.press("Enter")
    page.get_by_role("button", name="insert a reusable block").first.click()
    page.locator("dialog[open] select").select_option(label="Help in a crisis")
    page.locator("dialog[open]").get_by_role("button", name="Insert").click()
    expect(page.locator(".tiptap p", has_text="[[crisis-box]]")).to_be_visible()
    page.locator(".tiptap p", has_text="Start.").first.click(click_count=3)
    # A selection made by the mouse reaches the editor with a delay.
    link = page.get_by_role("button", name="insert link").first
    expect(link).not_to_have_class(re.compile("disabled"))
    link.click()
    page.get_by_label("A page of this site").select_option(label="Article: On rest")
    page.locator("dialog[open]").get_by_role("button", name="Update").click()
    expect(page.locator(".tiptap a", has_text="Start.")).to_be_visible()
    page.get_by_role("button", name="callout").first.click()
    page.get_by_label("Kind").select_option(label="Please take care")
    page.locator("dialog[open]").get_by_role("button", name="Insert").click()
    expect(page.locator(".tiptap .callout")).to_have_text("Start.")
    assert save(page, article) == (
        f'<div class="callout callout-care"><p><a href="{target.get_absolute_url()}">Start.</a></p>'
        "</div><p>[[crisis-box]]</p>"
    )


def test_editor_inserts_picture_with_alt_text(page: Page) -> None:
    picture = create_picture()
    article = make_article(body="<p>Start.</p>")
    open_editor(page, article)
    with page.expect_popup() as opened:
        page.get_by_role("button", name="figure").first.click()
    with suppress(Error):  # the window closes itself, at times before the press is answered
        opened.value.get_by_role("button", name="lake").click()
    page.locator("dialog[open] input[name=altText]").fill("A lake at dawn")
    page.locator("dialog[open]").get_by_role("button", name="Insert").click()
    expected = (
        f'<figure><img data-file="{picture.pk}" alt="A lake at dawn">'
        "<figcaption>In the morning</figcaption></figure>"
    )
    assert expected in save(page, article)
    # Still there after another save: the stored text has no URL of the picture.
    assert page.locator(".tiptap figure img").first.get_attribute("src")
    assert expected in save(page, article)
    page.goto(article.get_absolute_url())
    assert page.locator(".prose figure img").get_attribute("alt") == "A lake at dawn"


KEPT_HTML = (
    "<h2>a</h2><p>b<sup>1</sup> <s>c</s> <code>d</code></p>"
    "<blockquote><p>e</p><p><cite>f</cite></p></blockquote>"
    '<dl><dt>g</dt><dd><p>h</p></dd></dl><p><abbr title="i j">k</abbr></p>'
    '<div class="callout callout-tip"><p>l</p></div><pre><code>m\n n</code></pre><p>[[n]]</p>'
)


def test_editor_preserves_everything_cleaner_allows(page: Page) -> None:
    article = make_article(body=KEPT_HTML)
    assert article.body == KEPT_HTML
    open_editor(page, article)
    assert save(page, article) == KEPT_HTML


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        (
            WORD_HTML,
            "<p><strong>Bold</strong> and plain</p><ul><li><p>one</p><ul><li><p>below</p></li>"
            "</ul></li></ul><p>end</p>",
        ),
        (WORD_DOCUMENT_HTML, WORD_DOCUMENT_TEXT),
        (GOOGLE_DOCUMENT_HTML, GOOGLE_DOCUMENT_TEXT),
        (GOOGLE_DOCS_HTML, "<p><strong>Strong</strong><em> soft</em></p><h2>Big</h2>"),
        (
            '<div style="x"><font color=red>From</font> a page<script>x()</script></div>'
            '<img src="https://elsewhere.example/t.gif" width=1 onerror="x()">'
            '<iframe src="//e.example"></iframe>',
            "<p>From a page</p>",
        ),
    ],
    ids=["word", "word-document", "google-document", "google-docs", "web-page"],
)
def test_pasted_office_html_is_simplified(page: Page, html: str, expected: str) -> None:
    article = make_article(body="")
    open_editor(page, article)
    paste(page, html)
    body = save(page, article)
    assert " ".join(body.split()).replace(" </p>", "</p>").replace("<p> ", "<p>") == expected


def test_pasted_footnotes_become_references_that_the_marks_lead_to(page: Page) -> None:
    article = make_article(body="", references="<ol><li>Earlier work</li></ol>")
    open_editor(page, article)
    paste(page, WORD_DOCUMENT_HTML)
    expect(page.get_by_label("References")).to_have_value(
        "Earlier work\nWalker, Why We Sleep, 2017."
    )
    assert '<a href="#reference-2"><sup>2</sup></a>' in save(page, article)
    page.goto(article.get_absolute_url())
    page.get_by_role("link", name="2", exact=True).click()
    expect(page.locator("#reference-2")).to_have_text("Walker, Why We Sleep, 2017.")


DROP_FILE = """([selector, kind, base64]) => {
    const bytes = Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
    const data = new DataTransfer();
    data.items.add(new File([bytes], "lake.png", {type: "image/png"}));
    const target = document.querySelector(selector);
    const box = target.getBoundingClientRect();
    const init = {bubbles: true, cancelable: true};
    target.dispatchEvent(kind === "paste"
        ? new ClipboardEvent("paste", {...init, clipboardData: data})
        : new DragEvent("drop", {
            ...init, dataTransfer: data, clientX: box.x + 20, clientY: box.y + 10}));
}"""


@pytest.mark.parametrize("kind", ["drop", "paste"])
def test_picture_file_is_uploaded_and_described_in_place(page: Page, kind: str) -> None:
    article = make_article(body="<p>Start.</p>")
    open_editor(page, article)
    file = BytesIO()
    Image.new("RGB", (400, 300), "teal").save(file, "PNG")
    encoded = base64.b64encode(file.getvalue()).decode()
    page.evaluate(DROP_FILE, [".field-body .tiptap.ProseMirror", kind, encoded])
    alt = page.get_by_label("Alt text (for people who can’t see the picture)")
    expect(alt).to_be_focused()
    with page.expect_response("**/picture/describe/"):
        alt.fill("A quiet lake")
        alt.press("Enter")
    picture = Picture.objects.get()
    assert (picture.alt, picture.awaits_alt, picture.name) == ("A quiet lake", False, "lake")
    assert accessibility_violations(page) == []
    assert f'<figure><img data-file="{picture.pk}" alt="A quiet lake"></figure>' in save(
        page, article
    )


def test_file_that_is_no_picture_is_refused_with_a_reason(page: Page) -> None:
    article = make_article(body="<p>Start.</p>")
    open_editor(page, article)
    encoded = base64.b64encode(b"not a picture").decode()
    page.evaluate(DROP_FILE, [".field-body .tiptap.ProseMirror", "drop", encoded])
    expect(page.locator(".upload-status")).to_contain_text("lake.png:")
    assert not Picture.objects.exists()


def test_hostile_paste_is_neutralized(page: Page) -> None:
    article = make_article(body="")
    gone_out: list[str] = []
    page.on("requestfinished", lambda request: gone_out.append(request.url))
    refused: list[str] = []
    page.on("requestfailed", lambda request: refused.append(f"{request.url} {request.failure}"))
    open_editor(page, article)
    page.evaluate("() => { window.hits = 0; window.hit = () => { window.hits += 1; }; }")
    page.get_by_role("textbox", name="Text").click()
    for html in HOSTILE_MARKUP:
        paste(page, html)
    assert page.evaluate("window.hits") == 0
    assert find_unsafe_markup(save(page, article)) == []
    assert [url for url in gone_out if "elsewhere" in url] == []
    assert all("csp" in one for one in refused if "elsewhere" in one), refused

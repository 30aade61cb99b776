"""Write records as a WXR 1.2 file that WordPress and `export_file` can read. No I/O."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from pages.wordpress.wxr.records import Author, ExportedComment, ExportHead, Item, Term

NAMESPACES = (
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"'
)
TERM_DOMAINS = {"category": "category", "tag": "post_tag"}
INVALID_XML_RE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def write_wxr(head: ExportHead, items: Iterable[Item]) -> Iterator[str]:
    """Yield the file in pieces, one item at a time."""
    yield (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<rss version="2.0" {NAMESPACES}>\n<channel>\n'
        f"{_text_element('title', head.title)}{_text_element('link', head.link)}"
        "<description></description>\n"
        f"<wp:wxr_version>1.2</wp:wxr_version>\n"
        f"{_text_element('wp:base_site_url', head.address)}"
        f"{_text_element('wp:base_blog_url', head.address)}"
    )
    yield from map(_author_xml, head.authors)
    yield from map(_term_xml, head.terms)
    yield from map(_item_xml, items)
    yield "</channel>\n</rss>\n"


def format_wxr_time(at: datetime | None) -> str:
    """Format a time as WXR does; all zeros if there is none."""
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "0000-00-00 00:00:00"


def wrap_html_block(html: str) -> str:
    """Wrap finished HTML in an HTML block, so importers add no paragraphs or shortcodes to it."""
    if not html:
        return ""
    return f"<!-- wp:html -->\n{html.replace('[', '&#91;')}\n<!-- /wp:html -->"


def _author_xml(author: Author) -> str:
    inner = (
        _text_element("wp:author_id", author.id)
        + _cdata_element("wp:author_login", author.login)
        + _cdata_element("wp:author_email", "")
        + _cdata_element("wp:author_display_name", author.name)
    )
    return f"<wp:author>{inner}</wp:author>\n"


def _term_xml(term: Term) -> str:
    number = _text_element("wp:term_id", term.id)
    if term.kind == "tag":
        inner = (
            number
            + _cdata_element("wp:tag_slug", term.slug)
            + _cdata_element("wp:tag_name", term.name)
        )
        return f"<wp:tag>{inner}</wp:tag>\n"
    inner = (
        number
        + _cdata_element("wp:category_nicename", term.slug)
        + _cdata_element("wp:category_parent", term.parent)
        + _cdata_element("wp:cat_name", term.name)
        + _cdata_element("wp:category_description", term.description)
    )
    return f"<wp:category>{inner}</wp:category>\n"


def _item_xml(item: Item) -> str:
    terms = "".join(
        f'<category domain="{TERM_DOMAINS[term.kind]}" nicename="{escape(term.slug)}">'
        f"{_wrap_cdata(term.name)}</category>\n"
        for term in item.terms
    )
    metas = "".join(
        f"<wp:postmeta>{_cdata_element('wp:meta_key', key)}"
        f"{_cdata_element('wp:meta_value', value)}</wp:postmeta>\n"
        for key, value in item.meta.items()
    )
    attachment = (
        _cdata_element("wp:attachment_url", item.attachment_url) if item.attachment_url else ""
    )
    return (
        f"<item>\n{_cdata_element('title', item.title)}{_text_element('link', item.link)}"
        f"{_cdata_element('dc:creator', item.creator)}"
        f'<guid isPermaLink="false">{escape(item.guid)}</guid>\n<description></description>\n'
        f"{_cdata_element('content:encoded', item.content)}"
        f"{_cdata_element('excerpt:encoded', item.excerpt)}"
        f"{_text_element('wp:post_id', item.id)}{_cdata_element('wp:post_date', item.date)}"
        f"{_cdata_element('wp:post_date_gmt', item.date_gmt)}"
        f"{_cdata_element('wp:post_modified_gmt', item.modified_gmt)}"
        f"{_cdata_element('wp:comment_status', item.comment_status)}"
        f"{_cdata_element('wp:ping_status', 'closed')}{_cdata_element('wp:post_name', item.slug)}"
        f"{_cdata_element('wp:status', item.status)}{_text_element('wp:post_parent', item.parent)}"
        f"{_text_element('wp:menu_order', item.order)}{_cdata_element('wp:post_type', item.type)}"
        f"{_cdata_element('wp:post_password', '')}{_text_element('wp:is_sticky', 0)}{attachment}"
        f"{terms}{metas}{''.join(map(_comment_xml, item.comments))}</item>\n"
    )


def _comment_xml(comment: ExportedComment) -> str:
    inner = (
        _text_element("wp:comment_id", comment.id)
        + _cdata_element("wp:comment_author", escape(comment.name, quote=False))
        + _cdata_element("wp:comment_author_email", "")
        + _cdata_element("wp:comment_author_url", "")
        + _cdata_element("wp:comment_author_IP", "")
        + _cdata_element("wp:comment_date", comment.date)
        + _cdata_element("wp:comment_date_gmt", comment.date_gmt)
        + _cdata_element("wp:comment_content", comment.text)
        + _cdata_element("wp:comment_approved", "1")
        + _cdata_element("wp:comment_type", "comment")
        + _text_element("wp:comment_parent", comment.parent)
        + _text_element("wp:comment_user_id", comment.user_id or 0)
    )
    return f"<wp:comment>{inner}</wp:comment>\n"


def _text_element(name: str, value: object) -> str:
    return f"<{name}>{escape(INVALID_XML_RE.sub('', str(value)))}</{name}>\n"


def _cdata_element(name: str, value: object) -> str:
    return f"<{name}>{_wrap_cdata(value)}</{name}>\n"


def _wrap_cdata(value: object) -> str:
    text = INVALID_XML_RE.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"

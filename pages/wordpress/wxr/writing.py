"""Records as a WXR 1.2 file that WordPress, and `export_file`, can read. Pure."""

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from html import escape

from pages.wordpress.wxr.records import Author, ExportedComment, Head, Item, Term

NAMESPACES = (
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:wfw="http://wellformedweb.org/CommentAPI/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"'
)
DOMAINS = {"category": "category", "tag": "post_tag"}
NOT_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


def wxr(head: Head, items: Iterable[Item]) -> Iterator[str]:
    """The file in pieces, an item each."""
    yield (
        '<?xml version="1.0" encoding="UTF-8" ?>\n'
        f'<rss version="2.0" {NAMESPACES}>\n<channel>\n'
        f"{_plain('title', head.title)}{_plain('link', head.link)}<description></description>\n"
        f"<wp:wxr_version>1.2</wp:wxr_version>\n"
        f"{_plain('wp:base_site_url', head.address)}{_plain('wp:base_blog_url', head.address)}"
    )
    yield from map(_author, head.authors)
    yield from map(_term, head.terms)
    yield from map(_item, items)
    yield "</channel>\n</rss>\n"


def when(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M:%S}" if at else "0000-00-00 00:00:00"


def as_content(html: str) -> str:
    """As a block of finished HTML, so that nobody makes paragraphs or shortcodes of it again."""
    if not html:
        return ""
    return f"<!-- wp:html -->\n{html.replace('[', '&#91;')}\n<!-- /wp:html -->"


def _author(author: Author) -> str:
    inner = (
        _plain("wp:author_id", author.id)
        + _cdata("wp:author_login", author.login)
        + _cdata("wp:author_email", "")
        + _cdata("wp:author_display_name", author.name)
    )
    return f"<wp:author>{inner}</wp:author>\n"


def _term(term: Term) -> str:
    number = _plain("wp:term_id", term.id)
    if term.kind == "tag":
        inner = number + _cdata("wp:tag_slug", term.slug) + _cdata("wp:tag_name", term.name)
        return f"<wp:tag>{inner}</wp:tag>\n"
    inner = (
        number
        + _cdata("wp:category_nicename", term.slug)
        + _cdata("wp:category_parent", term.parent)
        + _cdata("wp:cat_name", term.name)
        + _cdata("wp:category_description", term.description)
    )
    return f"<wp:category>{inner}</wp:category>\n"


def _item(item: Item) -> str:
    terms = "".join(
        f'<category domain="{DOMAINS[term.kind]}" nicename="{escape(term.slug)}">'
        f"{_wrapped(term.name)}</category>\n"
        for term in item.terms
    )
    metas = "".join(
        f"<wp:postmeta>{_cdata('wp:meta_key', key)}{_cdata('wp:meta_value', value)}</wp:postmeta>\n"
        for key, value in item.meta.items()
    )
    attachment = _cdata("wp:attachment_url", item.attachment_url) if item.attachment_url else ""
    return (
        f"<item>\n{_cdata('title', item.title)}{_plain('link', item.link)}"
        f"{_cdata('dc:creator', item.creator)}"
        f'<guid isPermaLink="false">{escape(item.guid)}</guid>\n<description></description>\n'
        f"{_cdata('content:encoded', item.content)}{_cdata('excerpt:encoded', item.excerpt)}"
        f"{_plain('wp:post_id', item.id)}{_cdata('wp:post_date', item.date)}"
        f"{_cdata('wp:post_date_gmt', item.date_gmt)}"
        f"{_cdata('wp:post_modified_gmt', item.modified_gmt)}"
        f"{_cdata('wp:comment_status', item.comment_status)}"
        f"{_cdata('wp:ping_status', 'closed')}{_cdata('wp:post_name', item.slug)}"
        f"{_cdata('wp:status', item.status)}{_plain('wp:post_parent', item.parent)}"
        f"{_plain('wp:menu_order', item.order)}{_cdata('wp:post_type', item.type)}"
        f"{_cdata('wp:post_password', '')}{_plain('wp:is_sticky', 0)}{attachment}"
        f"{terms}{metas}{''.join(map(_comment, item.comments))}</item>\n"
    )


def _comment(comment: ExportedComment) -> str:
    inner = (
        _plain("wp:comment_id", comment.id)
        + _cdata("wp:comment_author", escape(comment.name, quote=False))
        + _cdata("wp:comment_author_email", "")
        + _cdata("wp:comment_author_url", "")
        + _cdata("wp:comment_author_IP", "")
        + _cdata("wp:comment_date", comment.date)
        + _cdata("wp:comment_date_gmt", comment.date_gmt)
        + _cdata("wp:comment_content", comment.text)
        + _cdata("wp:comment_approved", "1")
        + _cdata("wp:comment_type", "comment")
        + _plain("wp:comment_parent", comment.parent)
        + _plain("wp:comment_user_id", comment.user_id or 0)
    )
    return f"<wp:comment>{inner}</wp:comment>\n"


def _plain(name: str, value: object) -> str:
    return f"<{name}>{escape(NOT_XML.sub('', str(value)))}</{name}>\n"


def _cdata(name: str, value: object) -> str:
    return f"<{name}>{_wrapped(value)}</{name}>\n"


def _wrapped(value: object) -> str:
    text = NOT_XML.sub("", str(value)).replace("]]>", "]]]]><![CDATA[>")
    return f"<![CDATA[{text}]]>"

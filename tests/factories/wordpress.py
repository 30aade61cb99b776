"""Factories for WordPress export files, with fictional people and example.com addresses."""

from collections.abc import Iterable
from html import escape

WXR_NAMESPACES = (
    'xmlns:excerpt="http://wordpress.org/export/1.2/excerpt/" '
    'xmlns:content="http://purl.org/rss/1.0/modules/content/" '
    'xmlns:dc="http://purl.org/dc/elements/1.1/" '
    'xmlns:wp="http://wordpress.org/export/1.2/"'
)
BLOG_URL = "https://old.example.com"


def cdata(text: object) -> str:
    return "<![CDATA[" + str(text).replace("]]>", "]]]]><![CDATA[>") + "]]>"


def wp_comment(
    number: int,
    text: str = "A kind word.",
    *,
    name: str = "Robin",
    email: str = "robin@example.com",
    approved: str = "1",
    kind: str = "comment",
    parent: int = 0,
    user: int = 0,
    date: str = "2024-03-05 10:00:00",
) -> str:
    return f"""<wp:comment>
<wp:comment_id>{number}</wp:comment_id>
<wp:comment_author>{cdata(name)}</wp:comment_author>
<wp:comment_author_email>{cdata(email)}</wp:comment_author_email>
<wp:comment_author_url>https://robin.example.com/</wp:comment_author_url>
<wp:comment_author_IP>{cdata("203.0.113.77")}</wp:comment_author_IP>
<wp:comment_date>{cdata(date)}</wp:comment_date>
<wp:comment_date_gmt>{cdata(date)}</wp:comment_date_gmt>
<wp:comment_content>{cdata(text)}</wp:comment_content>
<wp:comment_approved>{cdata(approved)}</wp:comment_approved>
<wp:comment_type>{cdata(kind)}</wp:comment_type>
<wp:comment_parent>{parent}</wp:comment_parent>
<wp:comment_user_id>{user}</wp:comment_user_id>
</wp:comment>"""


def wp_item(
    number: int,
    title: str = "A walk in the morning",
    content: str = "<p>Words about walking.</p>",
    *,
    kind: str = "post",
    status: str = "publish",
    slug: str | None = None,
    link: str | None = None,
    creator: str = "lena",
    excerpt: str = "",
    date: str = "2024-03-04 09:30:00",
    date_gmt: str | None = None,
    password: str = "",
    parent: int = 0,
    sticky: int = 0,
    open_for_comments: bool = True,
    terms: Iterable[tuple[str, str, str]] = (("category", "walking", "Walking"),),
    meta: dict[str, str] | None = None,
    attachment_url: str = "",
    comments: Iterable[str] = (),
) -> str:
    slug = f"item-{number}" if slug is None else slug
    if link is None:
        link = (
            f"{BLOG_URL}/{date[:4]}/{date[5:7]}/{slug}/"
            if kind == "post"
            else f"{BLOG_URL}/{slug}/"
        )
    categories = "\n".join(
        f'<category domain="{domain}" nicename="{nice}">{cdata(name)}</category>'
        for domain, nice, name in terms
    )
    metas = "\n".join(
        f"<wp:postmeta><wp:meta_key>{cdata(key)}</wp:meta_key>"
        f"<wp:meta_value>{cdata(value)}</wp:meta_value></wp:postmeta>"
        for key, value in (meta or {}).items()
    )
    attachment = f"<wp:attachment_url>{cdata(attachment_url)}</wp:attachment_url>"
    return f"""<item>
<title>{cdata(title)}</title>
<link>{escape(link)}</link>
<dc:creator>{cdata(creator)}</dc:creator>
<guid isPermaLink="false">{BLOG_URL}/?p={number}</guid>
<description></description>
<content:encoded>{cdata(content)}</content:encoded>
<excerpt:encoded>{cdata(excerpt)}</excerpt:encoded>
<wp:post_id>{number}</wp:post_id>
<wp:post_date>{cdata(date)}</wp:post_date>
<wp:post_date_gmt>{cdata(date if date_gmt is None else date_gmt)}</wp:post_date_gmt>
<wp:comment_status>{cdata("open" if open_for_comments else "closed")}</wp:comment_status>
<wp:post_name>{cdata(slug)}</wp:post_name>
<wp:status>{cdata(status)}</wp:status>
<wp:post_parent>{parent}</wp:post_parent>
<wp:menu_order>0</wp:menu_order>
<wp:post_type>{cdata(kind)}</wp:post_type>
<wp:post_password>{cdata(password)}</wp:post_password>
<wp:is_sticky>{sticky}</wp:is_sticky>
{attachment if attachment_url else ""}
{categories}
{metas}
{"".join(comments)}
</item>"""


def wp_category(slug: str, name: str, parent: str = "") -> str:
    return (
        f"<wp:category><wp:category_nicename>{cdata(slug)}</wp:category_nicename>"
        f"<wp:category_parent>{cdata(parent)}</wp:category_parent>"
        f"<wp:cat_name>{cdata(name)}</wp:cat_name></wp:category>"
    )


def wp_tag(slug: str, name: str) -> str:
    return (
        f"<wp:tag><wp:tag_slug>{cdata(slug)}</wp:tag_slug>"
        f"<wp:tag_name>{cdata(name)}</wp:tag_name></wp:tag>"
    )


def wp_author(login: str, name: str, email: str = "", number: int = 1) -> str:
    return (
        f"<wp:author><wp:author_id>{number}</wp:author_id>"
        f"<wp:author_login>{cdata(login)}</wp:author_login>"
        f"<wp:author_email>{cdata(email)}</wp:author_email>"
        f"<wp:author_display_name>{cdata(name)}</wp:author_display_name></wp:author>"
    )


def wxr_file(
    *parts: str,
    before: str = "",
    version: str = "1.2",
    namespaces: str = WXR_NAMESPACES,
    declaration: str = '<?xml version="1.0" encoding="UTF-8" ?>\n',
) -> bytes:
    """Return a complete export file; ``parts`` are authors, categories, tags and items."""
    number = f"<wp:wxr_version>{version}</wp:wxr_version>" if version else ""
    body = "\n".join(parts)
    return f"""{before}{declaration}<rss version="2.0" {namespaces}>
<channel>
<title>The former site</title>
<link>{BLOG_URL}</link>
<description>A practice</description>
{number}
<wp:base_site_url>{BLOG_URL}</wp:base_site_url>
<wp:base_blog_url>{BLOG_URL}</wp:base_blog_url>
{body}
</channel>
</rss>
""".encode()


def make_large_export(posts: int, comments: int) -> bytes:
    """Return an export of this size, with long texts, comment threads and several categories."""
    paragraph = "<p>" + "Words about rest, and about what keeps people from it. " * 12 + "</p>\n\n"
    comment_counts = {n: comments // posts + (n < comments % posts) for n in range(posts)}
    items, comment_id = [], 0
    for n in range(posts):
        item_comments = []
        for position in range(comment_counts[n]):
            comment_id += 1
            item_comments.append(
                wp_comment(
                    comment_id,
                    f"Comment {comment_id}. " + "It helped to read this. " * 10,
                    parent=comment_id - 1 if position % 3 == 2 else 0,
                    email=f"reader{comment_id}@example.com",
                    approved=("1", "1", "1", "0", "spam")[comment_id % 5],
                )
            )
        text = f"<h2>Part {n}</h2>\n\n" + paragraph * 8
        items.append(
            wp_item(
                n + 1,
                f"Rest and work, part {n}",
                text,
                slug=f"rest-and-work-{n}",
                terms=[
                    ("category", f"topic-{n % 9}", f"Topic {n % 9}"),
                    ("post_tag", "rest", "Rest"),
                ],
                comments=item_comments,
            )
        )
    return wxr_file(*items)

"""Convert page builder shortcodes: layout is removed, text and pictures are kept. No I/O."""

import base64
import binascii
import re
from html import escape
from urllib.parse import unquote

from pages.wordpress.html import links
from pages.wordpress.html.context import ConversionContext
from pages.wordpress.html.shortcode_parser import Shortcode
from pages.wordpress.wxr.records import ConversionNotes

BUILDER_PREFIXES = {
    "et_pb_": "Divi",
    "vc_": "WPBakery",
    "fusion_": "Avada",
    "av_": "Enfold",
    "fl_": "Beaver Builder",
    "cs_": "Cornerstone",
    "x_": "Cornerstone",
    "kc_": "King Composer",
    "mk_": "Jupiter",
    "tatsu_": "Tatsu",
    "ux_": "Flatsome",
    "su_": "Shortcodes Ultimate",
    "themify_": "Themify",
    "siteorigin_": "SiteOrigin",
    "fullwidth_": "Avada",
    "dt_": "The7",
    "eltdf_": "Elated",
    "qode_": "Qode",
    "nectar_": "Salient",
    "fruitful_": "Fruitful",
    "elementor_": "Elementor",
}
# Layout shortcodes without a known prefix: columns, tabs and the like, used by many themes.
BOX_RE = re.compile(
    r"row|col|column|columns|section|container|wrapper|box|tabs?|tabgroup|toggles?|accordions?|"
    r"accordion_item|spacer|divider|separator|clear|clearfix|button|btn|dropcap|highlight|lead|"
    r"intro|callout|alert|info|warning|success|notice|infobox|message|quote|pullquote|blockquote|"
    r"icon|list|li|heading|title|"
    r"(?:one|two|three|four|five)_(?:half|third|thirds|fourth|fourths|fifth|fifths|sixth)(?:_last|_first)?"
)
HIDDEN_ATTRIBUTES = {"disabled": "on", "disable_element": "yes", "status": "draft"}
BASE64_SHORTCODES = {"vc_raw_html", "vc_raw_js", "fusion_code"}
HEADING_RE = re.compile(r".*(?:heading|title|headline)\d?$|vc_text_separator")
IMAGE_RE = re.compile(r".*(?:image|imageframe|photo|single_image|img)$")
BUTTON_RE = re.compile(r".*(?:button|btn)$")
VIDEO_RE = re.compile(r".*(?:video|youtube|vimeo|audio|map)$")
GALLERY_RE = re.compile(r".*(?:gallery|images_carousel|masonry_gallery)$")
TITLE_ATTRIBUTES = ("title", "heading", "title_text", "name")
SUBTITLE_ATTRIBUTES = ("subhead", "subtitle", "position", "job_title", "author")


def is_builder_shortcode(code: Shortcode) -> bool:
    """Return whether a shortcode belongs to a page builder.

    A single word in brackets is the writer's own text, even if a theme has a shortcode of that
    name.
    """
    if code.name.startswith(tuple(BUILDER_PREFIXES)):
        return True
    is_empty = code.inner is None and not code.attributes
    return builder_name(code.name) != "" and not is_empty


def builder_name(name: str) -> str:
    """Return the page builder's name, "columns and boxes" for generic layout, or ""."""
    labels = (label for prefix, label in BUILDER_PREFIXES.items() if name.startswith(prefix))
    return next(labels, "columns and boxes" if BOX_RE.fullmatch(name.replace("-", "_")) else "")


def render_builder_shortcode(
    code: Shortcode, context: ConversionContext, notes: ConversionNotes
) -> str:
    if any(code.get(key).lower() == value for key, value in HIDDEN_ATTRIBUTES.items()):
        # Hidden on the former site, so readers never saw it.
        notes.add("hidden", f"[{code.name}]")
        return ""
    inner = code.inner or ""
    if code.name in BASE64_SHORTCODES:
        return f"\n\n{_decode_raw_html(inner)}\n\n"
    parts = [_render_content(code, inner, context)]
    if BUTTON_RE.fullmatch(code.name) or code.get("button_text"):
        parts.append(_render_button(code, inner))
    return "\n\n" + "\n\n".join(part for part in parts if part) + "\n\n"


def _render_content(code: Shortcode, inner: str, context: ConversionContext) -> str:
    name = code.name
    if BUTTON_RE.fullmatch(name):
        return ""
    if HEADING_RE.fullmatch(name) and (
        words := code.get("text", *TITLE_ATTRIBUTES) or inner.strip()
    ):
        return _render_heading(words, code)
    if IMAGE_RE.fullmatch(name):
        return _render_image(code, inner, context)
    if GALLERY_RE.fullmatch(name):
        numbers = re.findall(r"\d{1,18}", code.get("ids", "images", "gallery_ids", "image_ids"))
        return "\n".join(_render_figure(int(number), "", "", context) for number in numbers) + inner
    if VIDEO_RE.fullmatch(name):
        return _render_video(code, inner)
    return _render_box(code, inner, context)


def _render_box(code: Shortcode, inner: str, context: ConversionContext) -> str:
    """Render any other shortcode: title as a heading, then its picture, then its text."""
    parts = []
    if title := code.get(*TITLE_ATTRIBUTES):
        parts.append(_render_heading(title, code))
    if subtitle := code.get(*SUBTITLE_ATTRIBUTES):
        parts.append(f"<p>{escape(subtitle)}</p>")
    if "image" in code.attributes or "portrait_url" in code.attributes:
        parts.append(_render_image(code, "", context))
    return "\n\n".join([*parts, inner])


def _render_heading(words: str, code: Shortcode) -> str:
    if re.match(r"\s*<h[1-6]\b", words):
        return words
    sizes = " ".join(
        code.get(key) for key in ("tag", "size", "level", "header_level", "title_level")
    )
    level = re.search(r"[1-6]", sizes + code.get("font_container"))
    number = min(max(int(level[0]) if level else 3, 2), 4)
    words = words if "<" in words else escape(words, quote=False)
    return f"<h{number}>{words}</h{number}>"


def _render_image(code: Shortcode, inner: str, context: ConversionContext) -> str:
    source = code.get("image_id", "image", "src", "image_url", "url", "photo", "portrait_url")
    number = re.match(r"\d{1,18}", source)
    address = code.get("src", "image_url", "photo_src", "portrait_url") or (
        source if source.startswith("http") else ""
    )
    if not address and (match := re.search(r"https?://[^\s\"'<>\[\]]+", inner)):
        address = match[0]
    alt = code.get("alt", "alt_text", "image_alt", "title_text")
    return _render_figure(int(number[0]) if number else 0, address, alt, context)


def _render_figure(number: int, address: str, alt: str, context: ConversionContext) -> str:
    attachment = context.attachments.get(number)
    if not address and attachment is None:
        return ""
    address = address or (attachment.url if attachment else "")
    alt = alt or (attachment.alt if attachment else "")
    mark = f' class="wp-image-{number}"' if number else ""
    return f'<figure><img src="{escape(address)}"{mark} alt="{escape(alt)}"></figure>'


def _render_button(code: Shortcode, inner: str) -> str:
    words = code.get("button_text", "text", "title", "label")
    words = words or re.sub(r"<[^>]*>", "", inner).strip()
    address = code.get("button_url", "url", "href", "button_link", "link")
    if packed := re.search(r"url:([^|]*)", address):
        # WPBakery packs URL, title and target into one value.
        address = unquote(packed[1])
    if not words or not address or address.startswith("#"):
        return f"<p>{escape(words)}</p>" if words and not address else ""
    return f"<p>{links.plain_link(address, words)}</p>"


def _render_video(code: Shortcode, inner: str) -> str:
    address = code.get("src", "link", "url", "video_src", "video", "id") or inner.strip()
    if re.fullmatch(r"[\w-]{6,20}", address):
        page = "https://vimeo.com/" if "vimeo" in code.name else "https://www.youtube.com/watch?v="
        address = page + address
    return f"<p>{links.plain_link(address)}</p>" if address.startswith(("http", "//")) else ""


def _decode_raw_html(packed: str) -> str:
    """Decode raw HTML that a builder stores as base64; it is sanitized like everything else."""
    try:
        text = base64.b64decode(re.sub(r"\s|<[^>]*>", "", packed), validate=True).decode()
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return packed
    return unquote(text) if re.match(r"\s*%3C", text, re.I) else text

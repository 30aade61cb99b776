"""Convert the shortcodes of WordPress and common plugins to plain HTML. No I/O."""

import re
from collections.abc import Callable
from html import escape

from pages.wordpress.html import links, page_builders
from pages.wordpress.html.context import ConversionContext
from pages.wordpress.html.shortcode_parser import Shortcode, expand_shortcodes
from pages.wordpress.wxr import member_content
from pages.wordpress.wxr.records import ConversionNotes

CODE_SHORTCODES = frozenset({
    "code", "sourcecode", "source", "crayon", "php", "python", "html", "css", "javascript", "js",
    "bash", "sql", "xml", "raw",
})  # fmt: skip
FORMULA_SHORTCODES = frozenset({"latex", "tex", "math"})
# These become links: their players loaded content from other hosts.
PLAYER_SHORTCODES = frozenset({
    "audio", "video", "embed", "youtube", "vimeo", "soundcloud", "wpvideo", "videopress", "tweet",
    "twitter", "instagram", "facebook", "dailymotion", "ted", "spotify", "googlemaps", "slideshare",
    "wistia", "flickr", "tiktok", "podcast", "powerpress", "youtube_sc", "su_youtube", "su_vimeo",
    "su_video", "su_audio", "iframe", "googledoc", "kickstarter", "loom", "bandcamp", "mixcloud",
})  # fmt: skip
PLAYER_URLS = {
    "youtube": "https://www.youtube.com/watch?v={}",
    "vimeo": "https://vimeo.com/{}",
    "ted": "https://www.ted.com/talks/{}",
    "dailymotion": "https://www.dailymotion.com/video/{}",
    "wpvideo": "https://videopress.com/v/{}",
    "videopress": "https://videopress.com/v/{}",
    "tweet": "https://twitter.com/i/status/{}",
}
FILE_ATTRIBUTES = (
    "src",
    "mp3",
    "m4a",
    "ogg",
    "wav",
    "mp4",
    "m4v",
    "webm",
    "ogv",
    "url",
    "link",
    "id",
)
# Forms, sliders, shops and lists that this site replaces or does not need.
REMOVED_SHORTCODE_RE = re.compile(
    r"contact[-_]form|contact-form-7|wpforms|gravityform|ninja_form|formidable|caldera_form|"
    r"mc4wp|mailpoet|newsletter|sibwp|forminator|fluentform|happyforms|everest_form|jotform|"
    r"rev_slider|rev-slider|metaslider|smartslider|layerslider|soliloquy|envira|ngg|nggallery|"
    r"elementor-template|playlist|products?|product_page|add_to_cart|woocommerce|recent_products|"
    r"featured_products|sitemap|wp_sitemap|recent[-_]posts|display-posts|archives|loop|searchform|"
    r"search|login|register|loginform|bookly|amelia|booked|ssa_booking|calendly|simplybook|"
    r"testimonials?|social|share|addtoany|sharethis|toc|ez-toc|table|tablepress|google[-_]maps?|"
    r"map|wpgmza|instagram-feed|custom-facebook-feed|ad|ads|adrotate|quads|"
    r"donate|paypal|accept_stripe|give_form|mepr|edd|polls?|ratings?|wpdiscuz|pdf|pdf-embedder"
)
PROSE_RE = re.compile(r"[a-z]+")


def render_shortcodes(text: str, context: ConversionContext, notes: ConversionNotes) -> str:
    """Replace every shortcode; text that is merely in brackets is kept."""
    if "[" not in text:
        return text
    return expand_shortcodes(text, lambda code: _render_shortcode(code, context, notes))


def _render_shortcode(code: Shortcode, context: ConversionContext, notes: ConversionNotes) -> str:
    name = code.name.replace("-", "_")
    if name in member_content.MEMBER_SHORTCODES and code.inner is not None:
        notes.add("guarded", f"[{code.name}]")
        return ""
    if code.name in CODE_SHORTCODES and code.inner is not None:
        return f"<pre><code>{escape(_unescape(code.inner).strip(), quote=False)}</code></pre>"
    if code.name in FORMULA_SHORTCODES and code.inner is not None:
        return f"<code>{escape(_unescape(code.inner).strip(), quote=False)}</code>"
    if handler := SHORTCODE_RENDERERS.get(code.name):
        return handler(code, context)
    if code.name in PLAYER_SHORTCODES and (player := _render_player(code)):
        return player
    if page_builders.is_builder_shortcode(code):
        notes.add("builder", page_builders.builder_name(code.name))
        return page_builders.render_builder_shortcode(code, context, notes)
    return _render_unknown(code, notes)


def _render_unknown(code: Shortcode, notes: ConversionNotes) -> str:
    if REMOVED_SHORTCODE_RE.fullmatch(code.name) and (code.attributes or code.inner is None):
        notes.add("shortcode_removed", f"[{code.name}]")
        return code.inner or ""
    if code.inner is not None:
        notes.add("shortcode_unwrapped", f"[{code.name}]")
        return code.inner
    if code.attributes or "_" in code.name or any(char.isdigit() for char in code.name):
        notes.add("shortcode_removed", f"[{code.name}]")
        return ""
    # Brackets in the writer's own text: "[sic]", "[my sister]".
    if not code.values and not PROSE_RE.fullmatch(code.name):
        notes.add("shortcode_kept", f"[{code.name}]")
    return code.raw


def _render_caption(code: Shortcode, _context: ConversionContext) -> str:
    inner = code.inner or ""
    image = re.search(r"(?:<a\b[^>]*>\s*)?<img\b[^>]*>(?:\s*</a>)?", inner)
    words = code.get("caption") or (inner[image.end() :].strip() if image else "")
    if image is None:
        return inner
    below = f"<figcaption>{words}</figcaption>" if words else ""
    return f"\n\n<figure>{image[0]}{below}</figure>\n\n"


def _render_gallery(code: Shortcode, context: ConversionContext) -> str:
    written = code.get("ids", "include", "images", "image_ids", "gallery_ids")
    numbers = _find_numbers(written) or context.own_pictures
    excluded = _find_numbers(code.get("exclude"))
    return render_figures([number for number in numbers if number not in excluded], context)


def _find_numbers(text: str) -> list[int]:
    return [int(digits) for digits in re.findall(r"\d{1,18}", text)]


def render_figures(numbers: list[int], context: ConversionContext) -> str:
    """Return the attachments as figures with captions; unknown IDs are skipped."""
    parts = []
    for number in dict.fromkeys(numbers):
        if picture := context.attachments.get(number):
            below = f"<figcaption>{picture.caption}</figcaption>" if picture.caption else ""
            parts.append(
                f'<figure><img src="{escape(picture.url)}" class="wp-image-{number}" '
                f'alt="{escape(picture.alt)}">{below}</figure>'
            )
    return "\n\n" + "\n".join(parts) + "\n\n"


def _render_player(code: Shortcode) -> str:
    """Link to a player, such as `[youtube=https://...]` or `[embed]https://...[/embed]`."""
    source = code.get(*FILE_ATTRIBUTES) or (code.inner or "").strip() or next(iter(code.values), "")
    address = re.sub(r"<[^>]*>", "", source).strip()
    if not address.startswith(("http://", "https://", "/")):
        pattern = PLAYER_URLS.get(code.name, "")
        if not pattern or not re.fullmatch(r"[\w-]{3,40}", address):
            return ""
        address = pattern.format(address)
    return f"\n\n<p>{links.plain_link(address)}</p>\n\n"


def _unescape(inner: str) -> str:
    """Undo the editor's escaping of a code shortcode's content; it is escaped again on output."""
    inner = re.sub(r"<br\s*/?>|</?p>", "\n" if "\n" not in inner else "", inner)
    for entity, char in (("&lt;", "<"), ("&gt;", ">"), ("&quot;", '"'), ("&amp;", "&")):
        inner = inner.replace(entity, char)
    return inner


SHORTCODE_RENDERERS: dict[str, Callable[[Shortcode, ConversionContext], str]] = {
    "caption": _render_caption,
    "wp_caption": _render_caption,
    "gallery": _render_gallery,
    "justified_image_grid": _render_gallery,
}

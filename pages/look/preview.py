"""Show a real page of the site as it would be with a look that has not been saved."""

from urllib.parse import urlencode

from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest, QueryDict
from django.template.response import SimpleTemplateResponse
from django.urls import resolve, reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from pages.look.choices import Corners, Paper, TypePair
from pages.look.models import Look, previewing
from pages.look.oklch import parse_hex
from pages.look.stylesheet import Style

PREVIEW_PAGES = {"home": _("Home"), "article": _("Article"), "booking": _("Booking")}
SCHEMES = {"light": _("Light"), "dark": _("Dark")}


def page_path(key: str) -> str:
    """Return the address of a page to preview; of the newest article, if there is one."""
    if key == "booking":
        return reverse("booking:consultation")
    if key != "article":
        return reverse("pages:home")
    # By its name, because the room of the articles is above this one.
    article = apps.get_model("pages", "Article")
    newest = article.objects.published(timezone.now()).first()
    return newest.get_absolute_url() if newest else reverse("pages:article_list")


def render_preview(request: HttpRequest, look: Look, *, page: str, scheme: str) -> str:
    """Return the HTML of a page in this look, as a visitor would get it.

    Nothing in it can be pressed, and no script of it runs: it is looked at inside a staff page.
    """
    path = page_path(page)
    visit = HttpRequest()
    visit.method, visit.path, visit.path_info = "GET", path, path
    visit.META = {
        key: request.META[key]
        for key in ("HTTP_HOST", "SERVER_NAME", "SERVER_PORT", "REMOTE_ADDR", "wsgi.url_scheme")
        if key in request.META
    }
    visit.user = AnonymousUser()
    look.preview_stylesheet_url = preview_stylesheet_url(look.style, scheme)
    match = resolve(path)
    visit.resolver_match = match
    with previewing(look):
        response = match.func(visit, *match.args, **match.kwargs)
        if isinstance(response, SimpleTemplateResponse):
            response.render()
    html = response.content.decode()
    return _without_scripts(html).replace("<body>", "<body inert>", 1)


def preview_stylesheet_url(style: Style, scheme: str) -> str:
    query = {
        "accent": style.accent,
        "paper": style.paper,
        "corners": style.corners,
        "type_pair": style.type_pair,
        "scheme": scheme,
    }
    return f"{reverse('admin:pages_look_preview_css')}?{urlencode(query)}"


def style_from_query(query: QueryDict) -> tuple[Style, str]:
    """Return the style and the scheme that a preview's address asks for; the usual if unknown."""

    def known(name: str, choices: type[Paper | Corners | TypePair], usual: str) -> str:
        value = query.get(name, "")
        return value if value in choices.values else usual

    style = Style(
        accent=parse_hex(query.get("accent", "")) or Style.accent,
        paper=known("paper", Paper, Style.paper),
        corners=known("corners", Corners, Style.corners),
        type_pair=known("type_pair", TypePair, Style.type_pair),
    )
    return style, "dark" if query.get("scheme") == "dark" else "light"


def _without_scripts(html: str) -> str:
    start = html.find('<script src="')
    while start >= 0:
        end = html.index("</script>", start) + len("</script>")
        html = html[:start] + html[end:]
        start = html.find('<script src="')
    return html

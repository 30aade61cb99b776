"""The quick search of the admin: content and settings by GET, and clients too by POST.

What staff type to find a client is in no address, log or title. The search is audited.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from django.contrib.admin import AdminSite, ModelAdmin
from django.db.models import Model
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.text import capfirst
from django.utils.translation import gettext as _g
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from consultations.audit import requests as audit
from consultations.audit.models import Action
from consultations.booking.models import Consultation
from consultations.booking.staff import display
from consultations.booking.staff.client_search import FoundClients, find_clients
from pages import desk
from pages.practice.models import PracticeProfile
from practice_site.desk_menu import build_menu

if TYPE_CHECKING:
    from django.utils.functional import _StrOrPromise

MAX_LENGTH = 200
MAX_PER_KIND = 5


@dataclass(frozen=True)
class Hit:
    """A page of the admin that matches."""

    label: "_StrOrPromise"
    kind: "_StrOrPromise"
    url: str


@dataclass(frozen=True)
class ClientHit:
    """A consultation whose client matches: initials, reference, state and time."""

    who: str
    row: Consultation
    when: str

    @property
    def url(self) -> str:
        return reverse("admin:consultations_consultation_change", args=[self.row.pk])


@sensitive_post_parameters("q")
@sensitive_variables("query", "typed")
def search_page(request: HttpRequest, site: AdminSite) -> HttpResponse:
    """Show what matches; clients are searched by POST only."""
    is_post = request.method == "POST"
    typed = (request.POST if is_post else request.GET).get("q", "")
    query = typed.replace("\x00", "").strip()[:MAX_LENGTH]
    may_find_clients = request.user.has_perm("consultations.view_consultation")
    clients: list[ClientHit] = []
    found = FoundClients([], ())
    if is_post and query and may_find_clients:
        found = find_clients(request.user, query)
        clients = [_client_hit(row) for row in found.rows]
        audit.record_request_action(
            request, Action.SEARCHED, model=Consultation, fields=found.fields
        )
    context = {
        **site.each_context(request),
        "title": _g("Search"),
        "query": query,
        "clients": clients,
        "clients_are_cut": found.is_cut,
        "searched_clients": is_post and may_find_clients,
        "may_find_clients": may_find_clients,
        "hits": [*_menu_hits(site, request, query), *_content_hits(site, request, query)]
        if query
        else [],
    }
    return TemplateResponse(request, "admin/desk/search.html", context)


def _client_hit(row: Consultation) -> ClientHit:
    return ClientHit(
        display.readable_initials(row) or row.reference, row, display.format_consultation_time(row)
    )


def _menu_hits(site: AdminSite, request: HttpRequest, query: str) -> list[Hit]:
    """Return places of the menu, and single settings of the practice."""
    wanted = query.casefold()
    hits = [
        Hit(link.label, group.label, link.url)
        for group in build_menu(site, request).groups
        for link in group.links
        if wanted in str(link.label).casefold()
    ]
    profile_admin = site.get_model_admin(PracticeProfile)
    if not profile_admin.has_view_or_change_permission(request):
        return hits
    page = reverse("admin:pages_practiceprofile_changelist")
    if PracticeProfile.objects.filter(pk=1).exists():
        page = reverse("admin:pages_practiceprofile_change", args=[1])
    fields = [field for field in PracticeProfile._meta.fields if field.editable]
    hits += [
        Hit(capfirst(str(field.verbose_name)), _g("Details"), f"{page}#id_{field.name}")
        for field in fields
        if wanted in str(field.verbose_name).casefold()
    ][:MAX_PER_KIND]
    return hits


def _content_hits(site: AdminSite, request: HttpRequest, query: str) -> list[Hit]:
    """Return rows of every content model with search fields, as its own list would find them."""
    hits: list[Hit] = []
    for model, model_admin in site._registry.items():
        if model._meta.app_label == "pages" and model_admin.search_fields:
            hits += _hits_of(model, model_admin, request, query)
    return hits


def _hits_of(
    model: type[Model], model_admin: ModelAdmin, request: HttpRequest, query: str
) -> list[Hit]:
    if not model_admin.has_view_or_change_permission(request):
        return []
    rows = model_admin.get_queryset(request)
    rows, _has_duplicates = model_admin.get_search_results(request, rows, query)
    route = f"admin:{model._meta.app_label}_{model._meta.model_name}_change"
    kind = desk.list_title(model) or capfirst(str(model._meta.verbose_name_plural))
    return [
        Hit(str(row), kind, reverse(route, args=[row.pk])) for row in rows.distinct()[:MAX_PER_KIND]
    ]

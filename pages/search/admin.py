"""The admin page for search synonyms."""

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from pages import desk
from pages.search.models import SearchSynonyms
from pages.search.synonyms import DEFAULT_SYNONYMS


@admin.register(SearchSynonyms)
class SearchSynonymsAdmin(admin.ModelAdmin):
    """Edit the single list of synonyms, which starts as a copy of the default list."""

    def changelist_view(
        self, request: HttpRequest, extra_context: dict[str, object] | None = None
    ) -> HttpResponse:
        if not self.has_view_permission(request):
            raise PermissionDenied
        if SearchSynonyms.objects.filter(pk=1).exists():
            return HttpResponseRedirect(reverse("admin:pages_searchsynonyms_change", args=[1]))
        return HttpResponseRedirect(reverse("admin:pages_searchsynonyms_add"))

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, str | list[str]]:
        return {"groups": DEFAULT_SYNONYMS}

    def save_model(
        self, request: HttpRequest, obj: SearchSynonyms, form: ModelForm, change: bool
    ) -> None:
        obj.pk = 1
        super().save_model(request, obj, form, change)

    def has_add_permission(self, request: HttpRequest) -> bool:
        return super().has_add_permission(request) and not SearchSynonyms.objects.exists()


desk.register("website", _("Search synonyms"), 100, model=SearchSynonyms)

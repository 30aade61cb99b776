"""The URL map: health checks, staff pages, visitor forms and content."""

from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from practice_site import health

urlpatterns = [
    path("healthz", health.alive, name="healthz"),
    path("readyz", health.ready, name="readyz"),
    # Before the admin: our sign-in pages replace Django's login page.
    path(settings.ADMIN_PATH, include("consultations.accounts.urls")),
    path(settings.ADMIN_PATH, admin.site.urls),
    path("", include("consultations.urls")),
    path("", include("pages.urls")),
]

handler400 = "pages.practice.error_pages.bad_request"
handler403 = "pages.practice.error_pages.permission_denied"
handler404 = "pages.practice.error_pages.page_not_found"
handler500 = "pages.practice.error_pages.server_error"

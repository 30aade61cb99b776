"""URLs where clients book and commenters write: forms, private pages, data requests."""

from django.urls import include, path

urlpatterns = [
    path("", include("consultations.booking.urls")),
    path("", include("consultations.comments.urls")),
    path("", include("consultations.data_rights.urls")),
]

"""Addresses under which visitors write to us."""

from django.urls import include, path

urlpatterns = [
    path("", include("consultations.booking.urls")),
    path("", include("consultations.comments.urls")),
    path("", include("consultations.data_rights.urls")),
]

from django.urls import path

from consultations.booking import views

app_name = "booking"

urlpatterns = [
    path("consultation/", views.consultation, name="consultation"),
    path("consultation/details/", views.details, name="details"),
    path("c/<str:token>/", views.manage, name="manage"),
    path("c/<str:token>/cancel/", views.cancel, name="cancel"),
]

"""URLs of data requests and of the page about what we collect."""

from django.urls import path

from consultations.data_rights import views

app_name = "data_rights"

urlpatterns = [
    path("privacy/what-we-collect/", views.what_we_collect, name="what_we_collect"),
    path("your-data/", views.request_link, name="request_link"),
    path("your-data/<str:token>/", views.your_data, name="records"),
]

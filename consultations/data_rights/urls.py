from django.urls import path

from consultations.data_rights import views

app_name = "data_rights"

urlpatterns = [
    path("your-data/", views.request_link, name="request_link"),
    path("your-data/<str:token>/", views.your_data, name="records"),
]

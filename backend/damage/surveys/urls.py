from django.urls import URLPattern, path

from . import views

app_name = "surveys"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("sheets/<uuid:house_id>/", views.sheet, name="sheet"),
    path("surveys/<uuid:survey_id>/second/", views.second_typing, name="second_typing"),
]

from django.urls import URLPattern, path

from . import area_views, views

app_name = "judgements"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("areas/", area_views.page, name="areas"),
    path("batch/", views.batch, name="batch"),
    path("of/<uuid:survey_id>/", views.make, name="make"),
    path("<uuid:judgement_id>/confirm/", views.confirm, name="confirm"),
    path("<uuid:judgement_id>/reject/", views.reject, name="reject"),
]

from django.urls import path

from . import views

urlpatterns = [
    path("help/", views.page, name="help"),
    path("help/import/", views.upload, name="help_import"),
    path("help/list.csv", views.csv, name="help_csv"),
    path("help/print/", views.paper, name="help_print"),
    path("help/people/<uuid:person>/", views.person, name="help_person"),
]

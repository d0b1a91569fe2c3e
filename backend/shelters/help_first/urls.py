from django.urls import path

from . import plan_views, views

urlpatterns = [
    path("help/", views.page, name="help"),
    path("help/import/", views.upload, name="help_import"),
    path("help/list.csv", views.csv, name="help_csv"),
    path("help/print/", views.paper, name="help_print"),
    path("help/plans/import/", plan_views.upload, name="help_plans_import"),
    path("help/plans/print/", plan_views.paper, name="help_plans_print"),
    path("help/plans/<uuid:person>/print/", plan_views.paper_of, name="help_plan_print"),
    path("help/people/<uuid:person>/", views.person, name="help_person"),
]

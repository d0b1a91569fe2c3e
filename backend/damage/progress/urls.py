from django.urls import URLPattern, path

from . import views

app_name = "progress"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("print/", views.paper, name="print"),
    path("report/", views.report, name="report"),
    path("report/print/", views.report_paper, name="report_print"),
    path("report/csv/", views.report_csv, name="report_csv"),
    path("csv/<slug:table>/", views.csv, name="csv"),
]

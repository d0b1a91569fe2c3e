from django.urls import URLPattern, path

from . import building_views, declared_views, risai_views, views
from .bulk import views as bulk

urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("bulk/", bulk.index, name="bulk"),
    path("bulk/risai/", bulk.index, {"kind": "risai"}, name="bulk_risai"),
    path("bulk/progress/<str:token>/", bulk.work_page, name="bulk_work"),
    path("bulk/progress/<str:token>/stop/", bulk.stop, name="bulk_stop"),
    path("bulk/<uuid:pk>/", bulk.run, name="bulk_run"),
    path("bulk/<uuid:pk>/sheet/", bulk.control, name="bulk_control"),
    path("bulk/<uuid:pk>/<str:name>", bulk.file, name="bulk_file"),
    path("households/<uuid:household_id>/", views.issue, name="issue"),
    path("risai/returns/", risai_views.returns, name="risai_returns"),
    path("risai/houses/<uuid:house_id>/", building_views.homes, name="risai_homes"),
    path("risai/<uuid:household_id>/", risai_views.choose, name="risai"),
    path("risai/<uuid:household_id>/<uuid:house_id>/", risai_views.issue, name="risai_house"),
    path("declared/<uuid:household_id>/", declared_views.choose, name="declared_of"),
    path("declared/of/<uuid:line_id>/", declared_views.issue, name="declared"),
    path("<uuid:issue_id>/", views.document, name="document"),
    path("<uuid:issue_id>/<int:number>.pdf", views.pdf, name="pdf"),
    path("<uuid:issue_id>/copy/", views.copy, name="copy"),
    path("<uuid:issue_id>/withdraw/", views.withdraw, name="withdraw"),
]

from django.urls import URLPattern, path

from . import file_views, match_views, photo_views, views

app_name = "applications"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("new/<uuid:household_id>/", views.new_of, name="new_of"),
    path("<uuid:application_id>/", views.page, name="page"),
    path("<uuid:application_id>/change/", views.change, name="change"),
    path("<uuid:application_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:application_id>/household/", match_views.household, name="match_household"),
    path("<uuid:application_id>/household/open/", match_views.open_household, name="open_household"),
    path("<uuid:application_id>/files/", file_views.add, name="add_files"),
    path("files/<uuid:file_id>/", file_views.show, name="file"),
    path("files/<uuid:file_id>/document/", file_views.document, name="document"),
    path("files/<uuid:file_id>/original/", file_views.original, name="file_original"),
    path("files/<uuid:file_id>/take-off/", file_views.take_off, name="take_off_file"),
    path("again/<uuid:line_id>/", views.again, name="again"),
    path("houses/<uuid:line_id>/", match_views.house, name="match_house"),
    path("houses/<uuid:line_id>/photos/", photo_views.judge, name="photos"),
]

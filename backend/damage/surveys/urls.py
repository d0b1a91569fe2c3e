from django.urls import URLPattern, path

from . import map_views, team_views, twice_views, views

app_name = "surveys"
urlpatterns: list[URLPattern] = [
    path("", views.index, name="index"),
    path("sheets/<uuid:house_id>/", views.sheet, name="sheet"),
    path("surveys/<uuid:survey_id>/second/", twice_views.second_typing, name="second_typing"),
    path("surveys/<uuid:survey_id>/second/keep/", twice_views.keep_first, name="keep_first"),
    path("twice/", twice_views.index, name="twice"),
    path("teams/", team_views.index, name="teams"),
    path("teams/<uuid:team_id>/", team_views.team, name="team"),
    path("teams/<uuid:team_id>/sheets/", team_views.sheets, name="team_sheets"),
    path("teams/<uuid:team_id>/slips/<str:kind>/", team_views.slips, name="team_slips"),
    path("visits/<uuid:visit_id>/", team_views.close, name="close_visit"),
    path("map/", map_views.page, name="map"),
    path("map/features.json", map_views.features, name="map_features"),
]

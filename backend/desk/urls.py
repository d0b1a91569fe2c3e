from django.urls import path

from . import mail_views, views

app_name = "desk"
urlpatterns = [
    path("", views.home, name="home"),
    path("letters/returned/", mail_views.returned, name="returned"),
    path("disaster/", views.choose_disaster, name="choose_disaster"),
    path("search/", views.search, name="search"),
    path("households/add/", views.add_household, name="add_household"),
    path("households/<uuid:household_id>/", views.household, name="household"),
    path("households/<uuid:household_id>/facts/", views.write_fact, name="write_fact"),
    path(
        "households/<uuid:household_id>/members/<uuid:person_id>/protection/",
        views.ask_protection,
        name="ask_protection",
    ),
    path(
        "households/<uuid:household_id>/protections/<uuid:protection_id>/lift/",
        views.lift_protection,
        name="lift_protection",
    ),
]

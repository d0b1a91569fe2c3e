from django.urls import URLPattern, path

from . import views

app_name = "damage_houses"
urlpatterns: list[URLPattern] = [
    path("<uuid:house_id>/", views.house, name="house"),
    path("<uuid:house_id>/ask/", views.ask, name="ask"),
    path("<uuid:house_id>/requests/<uuid:request_id>/withdraw/", views.withdraw, name="withdraw"),
    path("<uuid:house_id>/inspection/", views.inspect, name="inspect"),
]

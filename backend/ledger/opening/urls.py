from django.urls import path

from . import flag_views, views
from .exchange import views as exchange
from .revising import views as revising

app_name = "ledger"
urlpatterns = [
    path("", views.index, name="index"),
    path("open/", views.open_page, name="open"),
    path("work/<str:token>/", views.work_page, name="work"),
    path("work/<str:token>/stop/", views.stop, name="stop"),
    path("<uuid:pk>/", views.disaster_page, name="disaster"),
    path("<uuid:pk>/fill/", views.fill, name="fill"),
    path("<uuid:pk>/export/", views.export, name="export"),
    path("<uuid:pk>/flags/", flag_views.flags, name="flags"),
    path("<uuid:pk>/flags/<int:flag>/", flag_views.settle, name="settle"),
    path("<uuid:pk>/undecided/", flag_views.undecided, name="undecided"),
    path("undecided/<uuid:pk>/", flag_views.place, name="place"),
    path("<uuid:pk>/revisions/", revising.index, name="revisions"),
    path("<uuid:pk>/exchange/", exchange.index, name="exchange"),
    path("<uuid:pk>/exchange/<uuid:person>/", exchange.choose, name="choose"),
    path("<uuid:pk>/exchange/undo/<int:exchange>/", exchange.take_back, name="take_back"),
    path("revisions/<uuid:pk>/", revising.report, name="revision"),
    path("revisions/<uuid:pk>/accept/", revising.accept_all, name="accept_all"),
    path("revisions/<uuid:pk>/accept/<uuid:line>/", revising.accept_line, name="accept_line"),
    path("revisions/<uuid:pk>/undo/<uuid:line>/", revising.undo_line, name="undo_line"),
]

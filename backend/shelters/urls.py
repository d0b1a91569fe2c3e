from django.urls import path

from . import merge_views, people_views, roster_views, views
from .cards.urls import urlpatterns as cards
from .curve import views as curve_views
from .daysheet.urls import urlpatterns as daysheet
from .door.urls import urlpatterns as door
from .frontdesk.urls import urlpatterns as frontdesk
from .help_first.urls import urlpatterns as help_first
from .needs.urls import urlpatterns as needs
from .sheets.urls import urlpatterns as sheets
from .welfare import views as welfare_views

app_name = "shelters"
urlpatterns = [
    path("", views.index, name="index"),
    path("open/", views.open_, name="open"),
    *help_first,
    path("curve/", curve_views.page, name="curve"),
    path("curve/print/", curve_views.paper, name="curve_print"),
    path("curve.csv", curve_views.csv, name="curve_csv"),
    path("check-in/<uuid:household>/", people_views.check_in, name="check_in"),
    path("welfare/ask/<uuid:evacuee>/", welfare_views.ask, name="welfare_ask"),
    path("<uuid:opening>/", views.shelter, name="shelter"),
    path("<uuid:opening>/disaster/", views.say_disaster, name="say_disaster"),
    path("<uuid:opening>/close/", views.close, name="close"),
    path("<uuid:opening>/count/", views.head_count, name="head_count"),
    path("<uuid:opening>/new/", people_views.check_in_new, name="check_in_new"),
    path("<uuid:opening>/depart/", people_views.depart, name="depart"),
    path("<uuid:opening>/roster/", roster_views.roster, name="roster"),
    path("<uuid:opening>/roster.csv", roster_views.roster_csv, name="roster_csv"),
    path("<uuid:opening>/print/", roster_views.roster_print, name="roster_print"),
    path("<uuid:opening>/people/<uuid:evacuee>/", people_views.person, name="person"),
    path("<uuid:opening>/people/<uuid:evacuee>/return/", people_views.return_, name="return"),
    path("<uuid:opening>/people/<uuid:evacuee>/consent/", people_views.consent, name="consent"),
    path("<uuid:opening>/people/<uuid:evacuee>/details/", people_views.details, name="details"),
    path("<uuid:opening>/people/<uuid:evacuee>/note/", people_views.note, name="note"),
    path("<uuid:opening>/people/<uuid:evacuee>/protect/", people_views.protect, name="protect"),
    path("<uuid:opening>/people/<uuid:evacuee>/merge/<uuid:other>/", merge_views.merge, name="merge"),
    path("<uuid:opening>/people/<uuid:evacuee>/unmerge/<uuid:other>/", merge_views.unmerge, name="unmerge"),
    path("<uuid:opening>/entries/<uuid:entry>/void/", people_views.void, name="void"),
    path("<uuid:opening>/entries/<uuid:entry>/correct/", people_views.correct, name="correct"),
    *cards,
    *daysheet,
    *frontdesk,
    *door,
    *needs,
    *sheets,
]

"""Pages of headquarters alone: a laptop does not have them."""

from django.urls import path

from .daysheet import centre_views as daysheet_views
from .exchange import views as exchange_views
from .headquarters import views as headquarters_views
from .places import views as places_views
from .telephone import views as telephone_views
from .unheard import views as unheard_views
from .welfare import views as welfare_views

app_name = "centre"
urlpatterns = [
    path("", headquarters_views.page, name="headquarters"),
    path("conflicts/<int:conflict>/", headquarters_views.settle, name="settle"),
    path("same/<uuid:one>/<uuid:two>/", headquarters_views.same, name="same"),
    path("calls/", telephone_views.calls, name="calls"),
    path("calls/open/", telephone_views.spontaneous, name="spontaneous"),
    path("calls/<uuid:opening>/paper/", telephone_views.paper, name="paper"),
    path("days/", daysheet_views.page, name="day_sheets"),
    path("days/print/", daysheet_views.paper, name="day_sheets_print"),
    path("days.csv", daysheet_views.csv, name="day_sheets_csv"),
    path("exchange/", exchange_views.page, name="exchange"),
    path("exchange/export/", exchange_views.export, name="exchange_export"),
    path("exchange/homes/", exchange_views.homes, name="exchange_homes"),
    path("exchange/receive/", exchange_views.receive, name="exchange_receive"),
    path("exchange/people/", exchange_views.people, name="exchange_people"),
    path("exchange/people/put-down/", exchange_views.put_down, name="exchange_put_down"),
    path("exchange/files/<uuid:file>/", exchange_views.file, name="exchange_file"),
    path("places/", places_views.page, name="places"),
    path("places/counts.csv", places_views.counts_csv, name="places_csv"),
    path("places/call/", places_views.call, name="where_call"),
    path("places/visits/", places_views.visits, name="visits"),
    path("places/visits/list.csv", places_views.visits_csv, name="visits_csv"),
    path("places/visits/print/", places_views.visits_print, name="visits_print"),
    path("places/people/<uuid:evacuee>/", places_views.person, name="where"),
    path("places/told/<uuid:entry>/take-back/", places_views.take_back, name="take_back"),
    path("welfare/", welfare_views.queue, name="welfare"),
    path("welfare/list.csv", welfare_views.queue_csv, name="welfare_csv"),
    path("welfare/requests/<uuid:asked>/", welfare_views.case, name="welfare_case"),
    path("welfare/places/<uuid:facility>/", welfare_views.places, name="welfare_places"),
    path("unheard/", unheard_views.page, name="unheard"),
    path("unheard/list/", unheard_views.list_, name="unheard_list"),
    path("unheard/list.csv", unheard_views.csv, name="unheard_csv"),
    path("unheard/print/", unheard_views.paper, name="unheard_print"),
    path("unheard/people/<uuid:person>/", unheard_views.person, name="unheard_person"),
]

from django.urls import path

from . import choose_views, received_views, views

app_name = "disclosures"
urlpatterns = [
    path("", views.index, name="index"),
    path("new/", views.new, name="new"),
    path("recipients/", views.recipients, name="recipients"),
    path("recipients/<uuid:pk>/end/", views.end_recipient, name="end_recipient"),
    path("<uuid:pk>/", views.disclosure, name="disclosure"),
    path("<uuid:pk>/choose/", choose_views.choose, name="choose"),
    path("<uuid:pk>/take-off/", views.take_off, name="take_off"),
    path("<uuid:pk>/ask/", views.ask, name="ask"),
    path("<uuid:pk>/decide/", views.decide, name="decide"),
    path("<uuid:pk>/cancel/", views.cancel, name="cancel"),
    path("<uuid:pk>/hand-over/", views.hand_over, name="hand_over"),
    path("<uuid:pk>/close/", views.close, name="close"),
    path("<uuid:pk>/print/", views.printed, name="print"),
    path("<uuid:pk>/file/<str:encoding>/", views.file, name="file"),
    path("households/<uuid:household_id>/", received_views.received, name="received"),
    path("households/<uuid:household_id>/consents/<uuid:consent_id>/", received_views.withdraw, name="withdraw"),
    path("households/<uuid:household_id>/members/<uuid:person_id>/print/", received_views.printed, name="printed"),
]

from django.urls import path

from . import views

app_name = "letters"
urlpatterns = [
    path("households/<uuid:household_id>/", views.contacts, name="contacts"),
    path("held/<uuid:disaster_id>/", views.held, name="held"),
    path("returned/<uuid:returned_id>/settle/", views.settle, name="settle"),
]

"""GET /api/v1/publication/runs/: what was published, the latest first."""

from django.urls import URLPattern, path
from rest_framework import generics, pagination, serializers

from . import queries
from .models import PublicationRun


class RunSerializer(serializers.ModelSerializer):
    disaster = serializers.CharField(source="disaster.code")

    class Meta:
        model = PublicationRun
        fields = ["id", "disaster", "at", "as_of", "target", "shelters", "files", "bytes", "sha256"]


class RunPages(pagination.PageNumberPagination):
    page_size = 50


class RunList(generics.ListAPIView):
    """公表の履歴。"""

    right = "publication.read"
    serializer_class = RunSerializer
    pagination_class = RunPages
    queryset = queries.runs()


urlpatterns: list[URLPattern] = [path("publication/runs/", RunList.as_view(), name="publication-runs")]

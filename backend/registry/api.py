"""REST: the files that the register was taken from. Nothing about a resident."""

from __future__ import annotations

from django.urls import path
from rest_framework import serializers
from rest_framework.generics import ListAPIView
from rest_framework.pagination import PageNumberPagination

from .models import RegisterFile
from .queries import files


class RegisterFileSerializer(serializers.ModelSerializer):
    """A file and what became of its rows: `rows = accepted + unchanged + pending + set_aside`."""

    class Meta:
        model = RegisterFile
        fields = (
            "id",
            "kind",
            "as_of",
            "name",
            "fingerprint",
            "size",
            "encoding",
            "received_at",
            "corrects",
            "rows",
            "accepted",
            "unchanged",
            "pending",
            "set_aside",
            "flagged",
        )
        read_only_fields = fields


class FilePages(PageNumberPagination):
    page_size = 50


class RegisterFiles(ListAPIView):
    """住民記録ファイルの一覧（受領の新しい順）。"""

    rights = {"GET": "register.read"}
    queryset = files()
    serializer_class = RegisterFileSerializer
    pagination_class = FilePages


urlpatterns = [path("register/files/", RegisterFiles.as_view(), name="register-files")]

"""REST: the register of disclosures, to be read. It names bodies and counts, and nobody of the ledger."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.services import log_access
from backend.core.errors import NotFound
from backend.ledger.models import Disaster, Disclosure, HandOverLine

from . import queries, rules


class DisclosureSerializer(serializers.ModelSerializer):
    """One disclosure. `asker` and `contact` stay on the page."""

    disaster = serializers.CharField(source="disaster.code")
    to = serializers.CharField(help_text="the recipient, or 本人")
    status = serializers.CharField(help_text="draft asked approved refused handed closed cancelled")
    source = serializers.SerializerMethodField(help_text="article of the ground")
    handed_over_at = serializers.DateTimeField(source="hand_over.at", default=None, allow_null=True)
    sha256 = serializers.CharField(source="hand_over.content_sha256", default=None, allow_null=True)
    drafted_by = serializers.CharField(source="drafted_by.username")
    decided_by = serializers.CharField(source="decided_by.username", default=None, allow_null=True)

    class Meta:
        model = Disclosure
        fields = [
            "id", "disaster", "number", "status", "to", "ground", "source", "items", "purpose", "period_from",
            "period_until", "drafted_at", "drafted_by", "asked_at", "decided_at", "decided_by", "decided_reason",
            "handed_over_at", "sha256", "closed_at", "ending",
        ]  # fmt: skip
        read_only_fields = fields

    def get_source(self, row: Disclosure) -> str:
        return rules.GROUNDS[row.ground].source


class ReceivedSerializer(serializers.Serializer):
    """One hand-over of the data of one member."""

    person = serializers.UUIDField(source="person_id")
    disclosure = serializers.UUIDField(source="hand_over.disclosure_id")
    at = serializers.DateTimeField(source="hand_over.at")
    to = serializers.CharField(source="hand_over.disclosure.to")
    ground = serializers.CharField(source="hand_over.disclosure.ground")
    items = serializers.ListField(child=serializers.CharField(), source="hand_over.columns")


class Disclosures(APIView):
    right = "disclosure.read"

    @extend_schema(
        operation_id="disclosures_list",
        parameters=[OpenApiParameter("disaster", OpenApiTypes.STR, required=True, description="災害コード")],
        responses=DisclosureSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """All disclosures of a disaster, newest first."""
        disaster = Disaster.objects.filter(code=request.query_params.get("disaster", "")).first()
        if disaster is None:
            raise NotFound("この災害コードの災害はありません。")
        rows = queries.disclosures(disaster).select_related(
            "disaster", "recipient", "drafted_by", "decided_by", "hand_over"
        )
        return Response(DisclosureSerializer(rows, many=True).data)


class Received(APIView):
    right = "disclosure.read"

    @extend_schema(operation_id="disclosures_of_household", responses=ReceivedSerializer(many=True))
    def get(self, request: Request, household_id: UUID) -> Response:
        """Who received the data of a household's members, as far as the asker may see them; newest first."""
        staff: Any = request.user
        _, members = queries.of_household(household_id, staff)
        subject = f"household:{household_id}"
        log_access(by=staff, what="household", subject=subject, hits=len(members), detail="disclosures api")
        lines: list[HandOverLine] = [line for one in members for line in one.rows]
        lines.sort(key=lambda line: line.hand_over.at, reverse=True)
        return Response(ReceivedSerializer(lines, many=True).data)


urlpatterns: list[URLPattern] = [
    path("disclosures/", Disclosures.as_view()),
    path("households/<uuid:household_id>/disclosures/", Received.as_view()),
]

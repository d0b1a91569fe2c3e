"""REST: certificates of a household. Thin: parse, call, answer."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.services import log_access
from backend.documents.models import Issue, IssueCopy

from . import queries, services
from .forms import SEEN


class CertificateSerializer(serializers.ModelSerializer):
    """What was issued: 被災証明書 (`hisai`), 罹災証明書 (`risai`, of the house `subject`) or 届出証明書 (`todokede`). The content is in the PDF only.

    With `superseded_at` a later judgement holds: the paper is to be given back, though its `status` is still `valid`.
    """

    class Meta:
        model = Issue
        fields = [
            "id", "kind", "subject", "number_text", "fiscal_year", "number", "disaster", "household", "as_of", "issued_at",
            "status", "superseded_at", "withdrawn_at", "withdrawn_reason", "replaced_by",
        ]  # fmt: skip
        read_only_fields = fields


class CertificateCopySerializer(serializers.ModelSerializer):
    class Meta:
        model = IssueCopy
        fields = ["number", "quantity", "at", "reason", "receiver", "id_checked"]
        read_only_fields = ["number", "quantity", "at"]


class IssueCertificateSerializer(serializers.Serializer):
    household_id = serializers.UUIDField()
    purpose = serializers.CharField(max_length=60)
    receiver = serializers.ChoiceField(IssueCopy.Receiver.choices, default="member")
    id_checked = serializers.ChoiceField(SEEN)
    place = serializers.CharField(max_length=200, default="", allow_blank=True)
    restricted = serializers.BooleanField(default=False)


class WithdrawCertificateSerializer(serializers.Serializer):
    reason = serializers.CharField(max_length=200)


class Certificates(APIView):
    rights = {"GET": "certificates.read", "POST": "certificates.issue"}

    @extend_schema(
        operation_id="certificates_of_household",
        parameters=[OpenApiParameter("household", OpenApiTypes.UUID, required=True)],
        responses=CertificateSerializer(many=True),
    )
    def get(self, request: Request) -> Response:
        """The certificates of one household, newest first."""
        household = serializers.UUIDField().run_validation(request.query_params.get("household"))
        found = queries.household_issues(household, request.user)
        log_access(by=request.user, what="household", subject=f"household:{household}", detail="certificates api")
        return Response(CertificateSerializer(found, many=True).data)

    @extend_schema(
        operation_id="certificates_issue", request=IssueCertificateSerializer, responses={201: CertificateSerializer}
    )
    def post(self, request: Request) -> Response:
        """Issue the 被災証明書 of a household."""
        new = services.issue_hisai(by=request.user, **_valid(IssueCertificateSerializer, request))
        return Response(CertificateSerializer(new).data, status=status.HTTP_201_CREATED)


class Certificate(APIView):
    right = "certificates.read"

    @extend_schema(operation_id="certificates_one", responses=CertificateSerializer)
    def get(self, request: Request, issue_id: UUID) -> Response:
        """One certificate."""
        found = queries.certificate(issue_id, request.user)
        log_access(by=request.user, what="household", subject=f"household:{found.household}", detail="certificates api")
        return Response(CertificateSerializer(found).data)


class CertificateCopies(APIView):
    rights = {"POST": "certificates.issue"}

    @extend_schema(
        operation_id="certificates_copy",
        request=CertificateCopySerializer,
        responses={201: CertificateCopySerializer},
    )
    def post(self, request: Request, issue_id: UUID) -> Response:
        """Hand over one more of the same paper."""
        line = services.copy_hisai(by=request.user, issue_id=issue_id, **_valid(CertificateCopySerializer, request))
        return Response(CertificateCopySerializer(line).data, status=status.HTTP_201_CREATED)


class CertificateWithdrawal(APIView):
    rights = {"POST": "certificates.issue"}

    @extend_schema(
        operation_id="certificates_withdraw", request=WithdrawCertificateSerializer, responses=CertificateSerializer
    )
    def post(self, request: Request, issue_id: UUID) -> Response:
        """Declare the certificate void."""
        found = services.withdraw_hisai(
            by=request.user, issue_id=issue_id, **_valid(WithdrawCertificateSerializer, request)
        )
        return Response(CertificateSerializer(found).data)


class CertificatePdf(APIView):
    right = "certificates.read"

    @extend_schema(operation_id="certificates_pdf", responses={(200, "application/pdf"): OpenApiTypes.BINARY})
    def get(self, request: Request, issue_id: UUID, number: int) -> HttpResponse:
        """The PDF/A of one printing."""
        found, data = queries.paper(issue_id, request.user, copy=number)
        log_access(by=request.user, what="export", subject=f"household:{found.household}", detail="certificate pdf")
        return HttpResponse(data, content_type="application/pdf", headers={"Cache-Control": "no-store"})


def _valid(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    parsed = serializer(data=request.data)
    parsed.is_valid(raise_exception=True)
    return parsed.validated_data


urlpatterns: list[URLPattern] = [
    path("certificates/", Certificates.as_view()),
    path("certificates/<uuid:issue_id>/", Certificate.as_view()),
    path("certificates/<uuid:issue_id>/copies/", CertificateCopies.as_view()),
    path("certificates/<uuid:issue_id>/withdrawal/", CertificateWithdrawal.as_view()),
    path("certificates/<uuid:issue_id>/copies/<int:number>.pdf", CertificatePdf.as_view()),
]

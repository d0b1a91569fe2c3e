"""REST: shelters and their counts, rosters, check-in, leaving. Thin: parse, call, answer."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.urls import path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.services import log_access
from backend.core.clock import now
from backend.facilities import queries as facilities

from . import queries, rules, services

TIMES = [
    OpenApiParameter("as_of", OpenApiTypes.DATETIME, description="Which moment is asked for; now when missing."),
    OpenApiParameter("known_at", OpenApiTypes.DATETIME, description="Only what was known then; all when missing."),
]


class HeadCountSerializer(serializers.Serializer):
    """People by the roster: inside, outside (in cars, tents, at home), and households of those inside."""

    people = serializers.IntegerField()
    outside = serializers.IntegerField()
    households = serializers.IntegerField()


class ReportedSerializer(serializers.Serializer):
    """The head count as last reported."""

    people = serializers.IntegerField(allow_null=True)
    households = serializers.IntegerField(allow_null=True)
    outside = serializers.IntegerField(allow_null=True)
    observed_at = serializers.DateTimeField(allow_null=True)


class ShelterSerializer(serializers.Serializer):
    opening = serializers.UUIDField(source="shelter.opening")
    facility = serializers.UUIDField(source="shelter.facility.pk")
    open_data_id = serializers.CharField(source="shelter.facility.open_data_id", allow_null=True)
    name = serializers.CharField(source="shelter.name")
    is_open = serializers.BooleanField(source="shelter.is_open")
    opened_at = serializers.DateTimeField(source="shelter.opened_at")
    closed_at = serializers.DateTimeField(source="shelter.closed_at", allow_null=True)
    roster = HeadCountSerializer(source="count")
    reported = ReportedSerializer(source="shelter")


class ShelterListSerializer(serializers.Serializer):
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    shelters = ShelterSerializer(many=True)


class RosterPersonSerializer(serializers.Serializer):
    evacuee = serializers.UUIDField(source="face.id")
    name = serializers.CharField(source="face.name")
    kana = serializers.CharField(source="face.kana")
    birth = serializers.CharField(source="face.birth", help_text="YYYY-MM-DD, unknown parts 00")
    sex = serializers.CharField(source="face.sex", help_text="1 male, 2 female, else not known")
    address = serializers.CharField(source="face.address")
    origin = serializers.CharField(source="face.origin")
    household = serializers.UUIDField(source="face.household", allow_null=True)
    how = serializers.CharField()
    since = serializers.DateTimeField()
    consents = serializers.ListField(child=serializers.CharField(), help_text="Items agreed to; others are no.")


class RosterSerializer(serializers.Serializer):
    opening = serializers.UUIDField()
    as_of = serializers.DateTimeField()
    known_at = serializers.DateTimeField(allow_null=True)
    count = HeadCountSerializer()
    hidden = serializers.IntegerField(help_text="People who are there and are not named to you.")
    people = RosterPersonSerializer(source="rows", many=True)


class CheckInSerializer(serializers.Serializer):
    """Members of a ledger household who have arrived."""

    household = serializers.UUIDField()
    persons = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=50)
    occurred_at = serializers.DateTimeField(required=False)
    how = serializers.ChoiceField(list(rules.HOW), default="inside")


class CheckInNewSerializer(serializers.Serializer):
    """Somebody from elsewhere, or unknown."""

    name = serializers.CharField(max_length=200)
    kana = serializers.CharField(max_length=300, required=False, allow_blank=True)
    birth = serializers.RegexField(r"^\d{4}-\d\d-\d\d$", required=False, help_text="unknown parts 00")
    sex = serializers.ChoiceField(list(rules.SEXES), required=False)
    address = serializers.CharField(max_length=300, required=False, allow_blank=True)
    origin = serializers.CharField(max_length=60, required=False, allow_blank=True)
    telephone = serializers.CharField(max_length=40, required=False, allow_blank=True)
    occurred_at = serializers.DateTimeField(required=False)
    how = serializers.ChoiceField(list(rules.HOW), default="inside")


class CheckedInSerializer(serializers.Serializer):
    """What became of each: newly here, moved here from another shelter, or here already (nothing was added)."""

    arrived = serializers.ListField(child=serializers.UUIDField())
    moved = serializers.DictField(child=serializers.UUIDField(), help_text="evacuee -> the opening they came from")
    already = serializers.ListField(child=serializers.UUIDField())


class LeaveSerializer(serializers.Serializer):
    evacuees = serializers.ListField(child=serializers.UUIDField(), min_length=1, max_length=1000)
    destination = serializers.ChoiceField(list(rules.DESTINATIONS))
    occurred_at = serializers.DateTimeField(required=False)
    note = serializers.CharField(max_length=200, required=False, default="", allow_blank=True)


class LeftSerializer(serializers.Serializer):
    left = serializers.IntegerField()


def _valid(serializer: type[serializers.Serializer], request: Request) -> dict[str, Any]:
    form = serializer(data=request.data)
    form.is_valid(raise_exception=True)
    return dict(form.validated_data)


def _times(request: Request) -> tuple[datetime, datetime | None]:
    def read(name: str) -> datetime | None:
        text = request.query_params.get(name)
        try:
            return serializers.DateTimeField().run_validation(text) if text else None
        except serializers.ValidationError as error:
            raise serializers.ValidationError({name: error.detail}) from error

    return read("as_of") or now(), read("known_at")


class Shelters(APIView):
    rights = {"GET": "shelters.counts"}

    @extend_schema(operation_id="shelters_list", parameters=TIMES, responses=ShelterListSerializer)
    def get(self, request: Request) -> Response:
        """All shelters opened by then, open and closed, with people by roster and as reported."""
        as_of, known_at = _times(request)
        found = queries.counts_by_shelter(as_of, known_at, closed=True)
        return Response(ShelterListSerializer({"as_of": as_of, "known_at": known_at, "shelters": found}).data)


class Roster(APIView):
    rights = {"GET": "shelters.read"}

    @extend_schema(operation_id="shelters_roster", parameters=TIMES, responses=RosterSerializer)
    def get(self, request: Request, opening: UUID) -> Response:
        """The people of a shelter. Those under address protection are counted, and named only to who may see them."""
        as_of, known_at = _times(request)
        facilities.shelter_or_404(opening)
        found = queries.roster(opening, as_of, known_at, staff=request.user)
        log_access(
            by=request.user, what="export", subject=f"opening:{opening}", hits=len(found.rows), detail="roster api"
        )
        return Response(RosterSerializer(found).data)


class CheckIn(APIView):
    rights = {"POST": "shelters.write"}

    @extend_schema(operation_id="shelters_check_in", request=CheckInSerializer, responses={201: CheckedInSerializer})
    def post(self, request: Request, opening: UUID) -> Response:
        """Check in members of a household. Doing it twice adds nothing."""
        done = services.check_in_household(by=request.user, opening=opening, **_valid(CheckInSerializer, request))
        return Response(_checked_in(done), status=status.HTTP_201_CREATED)


class CheckInNew(APIView):
    rights = {"POST": "shelters.write"}

    @extend_schema(
        operation_id="shelters_check_in_new", request=CheckInNewSerializer, responses={201: CheckedInSerializer}
    )
    def post(self, request: Request, opening: UUID) -> Response:
        """Check in somebody who is in no ledger."""
        data = _valid(CheckInNewSerializer, request)
        stay = {key: data.pop(key) for key in ("occurred_at", "how") if key in data}
        _, done = services.check_in_new(by=request.user, opening=opening, details=data, **stay)
        return Response(_checked_in(done), status=status.HTTP_201_CREATED)


class Leave(APIView):
    rights = {"POST": "shelters.write"}

    @extend_schema(operation_id="shelters_leave", request=LeaveSerializer, responses=LeftSerializer)
    def post(self, request: Request, opening: UUID) -> Response:
        """People leave a shelter; where to is part of it."""
        left = services.leave(by=request.user, opening=opening, **_valid(LeaveSerializer, request))
        return Response({"left": left})


def _checked_in(done: services.CheckedIn) -> dict[str, Any]:
    moved = {str(evacuee): place for evacuee, place in done.moved.items()}
    return dict(CheckedInSerializer({"arrived": done.arrived, "moved": moved, "already": done.already}).data)


urlpatterns = [
    path("", Shelters.as_view()),
    path("<uuid:opening>/roster/", Roster.as_view()),
    path("<uuid:opening>/check-in/", CheckIn.as_view()),
    path("<uuid:opening>/check-in-new/", CheckInNew.as_view()),
    path("<uuid:opening>/leave/", Leave.as_view()),
]

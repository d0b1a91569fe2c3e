"""REST: search and household, as the pages show them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from backend.accounts.models import AccessLog
from backend.accounts.services import log_access
from backend.core.errors import NotFound
from backend.ledger import queries as ledger
from backend.ledger.queries import Asked


class SearchRequest(serializers.Serializer):
    disaster = serializers.CharField(max_length=4, help_text="災害コード")
    text = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    kana = serializers.CharField(required=False, allow_blank=True, default="", max_length=100)
    birth = serializers.CharField(required=False, allow_blank=True, default="", max_length=30)
    name = serializers.CharField(required=False, allow_blank=True, default="", max_length=200)
    address = serializers.CharField(required=False, allow_blank=True, default="", max_length=300)
    page = serializers.IntegerField(required=False, default=1, min_value=1, max_value=50)


class PersonHit(serializers.Serializer):
    id = serializers.UUIDField()
    household = serializers.UUIDField(source="household_id", allow_null=True)
    disaster_number = serializers.CharField(source="household.disaster_number", default=None, allow_null=True)
    name = serializers.CharField()
    kana = serializers.CharField()
    birth = serializers.CharField(help_text="YYYY-MM-DD, unknown parts 00")
    sex = serializers.CharField()
    relationship = serializers.CharField()
    address = serializers.CharField()


class SearchResult(serializers.Serializer):
    people = PersonHit(many=True)
    more = serializers.BooleanField()
    problem = serializers.CharField()
    did_you_mean = serializers.ListField(child=serializers.CharField())


class HouseholdResult(serializers.Serializer):
    id = serializers.UUIDField()
    disaster = serializers.CharField()
    disaster_number = serializers.CharField()
    address = serializers.CharField()
    building = serializers.CharField()
    hidden = serializers.IntegerField(help_text="members who are not shown")
    members = PersonHit(many=True)


class SearchPeople(APIView):
    """People for whom everything given is true; POST, so that nothing personal stands in an address."""

    rights = {"POST": "people.search"}

    @extend_schema(request=SearchRequest, responses=SearchResult, operation_id="search_people")
    def post(self, request: Request) -> Response:
        given = SearchRequest(data=request.data)
        given.is_valid(raise_exception=True)
        values: dict[str, Any] = dict(given.validated_data)
        page = values.pop("page")
        disaster = ledger.disasters().filter(code=values.pop("disaster")).first()
        if disaster is None:
            raise NotFound("この災害コードは開設されていません。")
        asked = Asked(**values)
        found = ledger.search(asked, disaster=disaster, staff=request.user, page=page)
        log_access(by=request.user, what=AccessLog.What.SEARCH, hits=len(found.people), detail=asked.fields())
        body = {
            "people": found.people,
            "more": found.more,
            "problem": found.problem,
            "did_you_mean": [home.disaster_number for home in found.did_you_mean],
        }
        return Response(SearchResult(body).data)


class ReadHousehold(APIView):
    """A household as the asker may see it; one that is hidden is answered like one that does not exist."""

    rights = {"GET": "household.read"}

    @extend_schema(responses=HouseholdResult, operation_id="read_household")
    def get(self, request: Request, household_id: UUID) -> Response:
        subject = f"household:{household_id}"
        try:
            view = ledger.household_page(household_id, request.user)
        except NotFound:
            log_access(by=request.user, what=AccessLog.What.HOUSEHOLD, subject=subject, hits=0)
            raise
        log_access(by=request.user, what=AccessLog.What.HOUSEHOLD, subject=subject, hits=len(view.members))
        home = view.household
        body = {
            "id": home.pk,
            "disaster": view.disaster.code,
            "disaster_number": home.disaster_number,
            "address": home.address,
            "building": home.building,
            "hidden": view.hidden,
            "members": [member.person for member in view.members],
        }
        return Response(HouseholdResult(body).data)

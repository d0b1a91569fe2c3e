"""REST for laptops: join, hello, push, pull, pack. Thin: who is it, is there room, answer.

Bodies are those of `bodies`: gzip, first line a JSON object, then entries byte for byte.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.db import OperationalError
from django.http import HttpResponse
from django.urls import path
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from . import bodies, exchange, terminals, together
from .gate import busy_body
from .models import Terminal

MEDIA = bodies.MEDIA
BODY = {MEDIA: OpenApiTypes.BINARY}


class Laptop:
    """Who asks, where it is no member of staff."""

    is_authenticated = True
    is_active = True

    def __init__(self, terminal: Terminal) -> None:
        self.terminal = terminal


class TerminalAuthentication(BaseAuthentication):
    """`Authorization: Terminal UUID.SECRET`."""

    def authenticate(self, request: Request) -> tuple[Laptop, Terminal] | None:
        said = request.headers.get("Authorization", "")
        if not said.startswith("Terminal "):
            return None
        terminal = terminals.of_header(said)
        if terminal is None:
            raise exceptions.AuthenticationFailed("この端末は登録されていません。")
        return Laptop(terminal), terminal


class TerminalScheme(OpenApiAuthenticationExtension):
    target_class = TerminalAuthentication
    name = "terminal"

    def get_security_definition(self, auto_schema: Any) -> dict[str, str]:
        return {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`Terminal UUID.SECRET`, as given and made when the laptop joined",
        }


class OfTerminal(BasePermission):
    """No member of staff: laptops that have joined. What a revoked one may, each answer says."""

    def has_permission(self, request: Request, view: Any) -> bool:
        return isinstance(request.user, Laptop)


class Conversation(APIView):
    """One question of a laptop and its answer."""

    right = "journal.sync"
    authentication_classes = [TerminalAuthentication]
    permission_classes = [OfTerminal]

    def said(self, request: Request, answer: Callable[[Terminal, bytes], bytes]) -> HttpResponse:
        length = request.META.get("CONTENT_LENGTH") or "0"
        if not length.isdigit() or int(length) > bodies.MOST_BYTES:
            return HttpResponse(status=413)
        try:
            return HttpResponse(answer(request.auth, request._request.body), content_type=MEDIA)
        except (OperationalError, together.NoRoom):
            # Another one holds the journal for longer than we wait.
            body = busy_body(str(request.auth.pk))
            return HttpResponse(body, status=503, content_type=MEDIA, headers={"Retry-After": "1"})


class Join(APIView):
    right = "journal.sync"
    authentication_classes: list[Any] = []
    permission_classes: list[Any] = []

    @extend_schema(operation_id="journal_join", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY}, auth=[])
    def post(self, request: Request) -> HttpResponse:
        """Join with the token that an administrator made (`Authorization: Enrolment TOKEN`); once, or the same again."""
        scheme, _, token = request.headers.get("Authorization", "").partition(" ")
        if scheme != "Enrolment" or not token:
            raise exceptions.PermissionDenied("登録用の合言葉がありません。")
        body = bodies.unpack(request._request.body[: bodies.MOST_BYTES], "join")
        try:
            device, secret = UUID(str(body.head["device"])), str(body.head["secret"])
        except (KeyError, ValueError) as error:
            raise bodies.Unusable("端末の番号か鍵がありません。") from error
        terminal = terminals.join(
            token=token, secret=secret, device=device, version=json.dumps(body.head.get("version", ""))[1:-1]
        )
        head = {"to": body.head.get("nonce"), "terminal": str(terminal.pk), "name": terminal.name}
        head |= {"facility": str(terminal.facility), **bodies.whose()}
        return HttpResponse(bodies.pack("join.answer", head), content_type=MEDIA)


class Hello(Conversation):
    @extend_schema(operation_id="journal_hello", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """Where both stand: the laptop's chain as known here, whether its cursor is of this history, the time."""
        return self.said(request, exchange.hello)


class Push(Conversation):
    @extend_schema(operation_id="journal_push", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """Entries, answered one by one and in order. 503 when others are at it: come again in a moment."""
        length = request.META.get("CONTENT_LENGTH") or "0"
        small = length.isdigit() and int(length) <= together.SMALL_BYTES
        return self.said(request, together.push if small else exchange.push)


class Pull(Conversation):
    @extend_schema(operation_id="journal_pull", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """The entries that this laptop is to know, after its cursor."""
        return self.said(request, exchange.pull)


class Pack(Conversation):
    @extend_schema(operation_id="journal_pack", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """What a laptop carries beside entries: places, staff who may sign in, the sealed excerpt of the register."""
        from . import packs

        return self.said(request, packs.answer)


class File(Conversation):
    @extend_schema(operation_id="journal_file", request=BODY, responses={(200, MEDIA): OpenApiTypes.BINARY})
    def post(self, request: Request) -> HttpResponse:
        """Pictures that entries name: which are lacking here, a piece of one, or a piece to be given."""
        from . import files

        return self.said(request, files.answer)


urlpatterns = [
    path("join/", Join.as_view()),
    path("hello/", Hello.as_view()),
    path("push/", Push.as_view()),
    path("pull/", Pull.as_view()),
    path("pack/", Pack.as_view()),
    path("file/", File.as_view()),
]

"""One shape for every refusal: what is wrong, where, and what to do, in Japanese.

Services raise `Refused`; pages show its message, commands print it and exit with 2, the API answers 422 with
`{"error": {"code", "message", "fields"}}`.
"""

from __future__ import annotations


class Refused(Exception):
    """The act was not done, and nothing was changed. `message` is for the person at the screen."""

    code = "refused"
    status = 422

    def __init__(self, message: str, *, fields: dict[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.fields = fields or {}


class Forbidden(Refused):
    """This person may not do this; the message says which division may."""

    code = "forbidden"
    status = 403


class NotFound(Refused):
    """There is no such thing, or the asker may not know that there is."""

    code = "not_found"
    status = 404


class Conflict(Refused):
    """Somebody else was faster, or the thing has been done already."""

    code = "conflict"
    status = 409


def api_exception_handler(exc: Exception, context: dict) -> object:
    """Give every error of the API the one shape; unknown exceptions stay Django's business (500, without details)."""
    from rest_framework import exceptions
    from rest_framework.response import Response
    from rest_framework.views import exception_handler

    if isinstance(exc, Refused):
        body = {"error": {"code": exc.code, "message": exc.message, "fields": exc.fields}}
        return Response(body, status=exc.status)
    response = exception_handler(exc, context)
    if response is None:
        return None
    fields: dict[str, str] = {}
    if isinstance(exc, exceptions.ValidationError) and isinstance(response.data, dict):
        fields = {
            name: " ".join(map(str, texts)) if isinstance(texts, list) else str(texts)
            for name, texts in response.data.items()
        }
        message = "入力に誤りがあります。"
    else:
        message = str(getattr(exc, "detail", "処理できませんでした。"))
    code = str(getattr(exc, "default_code", "error"))
    response.data = {"error": {"code": code, "message": message, "fields": fields}}
    return response

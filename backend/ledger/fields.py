"""A column type of the ledger's own."""

from __future__ import annotations

from typing import Any

from django.db import models


class OrderedByCode(models.CharField):
    """Text that sorts by its characters' codes, whatever language the database sorts in.

    A range of such a column is what begins with a text (`5-` to `5.`), from a plain index on both databases. A
    linguistic order passes over hyphens: there 5-1 stands between 50 and 52.
    """

    def db_parameters(self, connection: Any) -> dict[str, Any]:
        parameters = super().db_parameters(connection)
        if connection.vendor == "postgresql":
            parameters["collation"] = "C"
        return parameters

"""What was issued stays as it was, whoever asks the database."""

import pytest
from django.db import DatabaseError, connection, transaction

from backend.core.errors import Refused
from backend.documents import queries, services
from backend.documents.models import Issue, IssueCopy


def refuses(statement, *params):
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement, params)


@pytest.mark.parametrize(
    "change",
    [
        "content = '{}'",
        "content_sha256 = content_sha256 || ''  , number = number + 1",
        "token = 'another-token-that-is-long-enough'",
        "number_text = 'x'",
        "issued_at = '2020-01-01'",
        "household = disaster",
    ],
)
def test_an_issue_cannot_be_rewritten(issue, change):
    issue()
    refuses(f"UPDATE documents_issue SET {change}")


def test_neither_an_issue_nor_a_line_of_its_log_can_be_deleted(issue):
    issue()
    refuses("DELETE FROM documents_issuecopy")
    refuses("DELETE FROM documents_issue")
    refuses("UPDATE documents_issuecopy SET reason = 'x'")
    assert (Issue.objects.count(), IssueCopy.objects.count()) == (1, 1)


def test_what_is_void_never_becomes_valid_again(issue, staff):
    services.withdraw(by=staff("tax"), issue_id=issue().id, reason="記載の誤り")
    refuses(
        "UPDATE documents_issue SET status = 'valid', withdrawn_at = NULL, withdrawn_by_id = NULL, withdrawn_reason = ''"
    )
    refuses("UPDATE documents_issue SET withdrawn_reason = 'x'")


def test_void_needs_somebody_and_a_reason(issue):
    issue()
    refuses("UPDATE documents_issue SET status = 'withdrawn'")


def test_content_that_is_not_what_was_issued_is_not_printed(issue):
    found = issue()
    found.content["head"]["name"] = "別の人"
    with pytest.raises(Refused, match="一致しません"):
        queries.paper(found)

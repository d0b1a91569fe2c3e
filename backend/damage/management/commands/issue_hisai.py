"""tasuki issue_hisai --disaster CODE --all -o DIR [--workers N]"""

from __future__ import annotations

from backend.damage.certificates.bulk.commands import IssueCommand
from backend.damage.certificates.bulk.services import KIND


class Command(IssueCommand):
    help = "災害のすべての世帯に被災証明書を交付し、印刷用のPDFを作ります。"
    kind = KIND
    title = "被災証明書"

"""tasuki issue_risai --disaster CODE --all -o DIR [--workers N]"""

from __future__ import annotations

from backend.damage.certificates.bulk.commands import IssueCommand
from backend.damage.certificates.risai import KIND


class Command(IssueCommand):
    help = "判定された家屋に住んでいたすべての世帯に罹災証明書を交付し、印刷用のPDFを作ります。"
    kind = KIND
    title = "罹災証明書"

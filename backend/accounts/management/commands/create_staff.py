"""Make an account from the command line: the first administrator, or many in a script."""

from __future__ import annotations

import getpass
import os
import sys
from argparse import ArgumentParser
from typing import Any

from backend.accounts.models import Division
from backend.accounts.services import create_staff
from backend.core.commands import BatchCommand
from backend.core.errors import Refused


class Command(BatchCommand):
    help = "職員のアカウントを作ります。パスワードは環境変数 TASUKI_PASSWORD か、入力で渡します。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("username")
        parser.add_argument("--division", required=True, choices=Division.values)
        parser.add_argument("--name", required=True, help="氏名（表示名）")
        parser.add_argument("--home", default="", help="所属（応援職員は派遣元）")
        parser.add_argument("--supervisor", action="store_true", help="監督者（秘匿の解除ができる）")
        parser.add_argument("--sees-protected", action="store_true", help="支援措置対象者を見られる")

    def run(self, **options: Any) -> dict[str, Any]:
        staff = create_staff(
            by=None,
            username=options["username"],
            display_name=options["name"],
            division=options["division"],
            home=options["home"],
            is_supervisor=options["supervisor"],
            sees_protected=options["sees_protected"],
            password=_password(),
        )
        return {"username": staff.username, "division": staff.division, "id": str(staff.pk)}

    def say(self, result: dict[str, Any]) -> str:
        return f"「{result['username']}」を{Division(result['division']).label}の職員として登録しました。"


def _password() -> str:
    given = os.environ.get("TASUKI_PASSWORD")
    if given:
        return given
    if not sys.stdin.isatty():
        raise Refused("パスワードを環境変数 TASUKI_PASSWORD で渡してください。")
    first = getpass.getpass("パスワード（10文字以上）: ")
    if first != getpass.getpass("もう一度: "):
        raise Refused("2回の入力が違います。もう一度実行してください。")
    return first

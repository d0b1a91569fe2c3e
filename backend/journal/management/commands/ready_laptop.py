from argparse import ArgumentParser
from typing import Any

from django.conf import settings

from backend.core.commands import BatchCommand
from backend.core.errors import Conflict, NotFound
from backend.facilities.models import Facility
from backend.journal import packs, terminals


class Command(BatchCommand):
    help = "避難所の端末を登録できるようにし、登録用の合言葉と、封筒に入れる文字を出します。"

    def arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("facility", help="施設の ID（オープンデータの ID か名称）")
        parser.add_argument("--name", default="", help="端末の名前")
        parser.add_argument("--area", default="", help="名簿の写しに入れる町（空白区切り、なければ全住民）")

    def run(self, **options: Any) -> dict[str, Any]:
        place = _place(options["facility"])
        made, token = terminals.make_ready(by=None, facility=place.pk, name=options["name"], area=options["area"])
        return {
            "terminal": str(made.pk),
            "name": made.name,
            "token": token,
            "code": packs.envelope_code(made),
            "url": settings.PUBLIC_URL,
        }

    def say(self, result: dict[str, Any]) -> str:
        return (
            f"端末「{result['name']}」で：tasuki-shelter join URL --token {result['token']}\n"
            f"封筒に入れる文字：{result['code']}"
        )


def _place(text: str) -> Facility:
    found = list(Facility.objects.filter(open_data_id=text) or Facility.objects.filter(name=text))
    if not found:
        raise NotFound(f"施設「{text}」は登録されていません。")
    if len(found) > 1:
        raise Conflict(f"「{text}」という施設が{len(found)}つあります。ID で指定してください。")
    return found[0]

"""`tasuki-shelter`: join, start, sync, status, export, import. Exit codes as of every command of Tasuki."""

from __future__ import annotations

import argparse
import getpass
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

DONE, REFUSED, FAILED, STOPPED = 0, 2, 70, 130
SHORTEST = 10


def main(arguments: list[str] | None = None) -> None:
    asked = _parser().parse_args(arguments)
    sys.exit(run(asked))


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="tasuki-shelter",
        description="避難所の端末。合言葉（パスフレーズ）は画面で尋ねます。",
    )
    commands = parser.add_subparsers(dest="command", required=True, metavar="コマンド")
    as_json = argparse.ArgumentParser(add_help=False)
    as_json.add_argument("--json", action="store_true", help="最後に JSON を一つ出す")
    join = commands.add_parser("join", parents=[as_json], help="本部に登録し、名簿の写しなどを受け取る")
    join.add_argument("url", help="本部の住所（https://…）")
    join.add_argument("--token", required=True, help="管理者が作った登録用の合言葉")
    start = commands.add_parser("start", help="この端末の画面を開けるようにする")
    start.add_argument("--port", type=int, default=8765)
    start.add_argument("--locked", action="store_true", help="パスフレーズはブラウザーで入れる")
    start.add_argument(
        "--share",
        nargs="?",
        const="",
        metavar="IP",
        help="避難所の中のスマートフォンやタブレットでも使う。網がいくつもあるときは、この端末の IP アドレスを書く",
    )
    start.add_argument("--no-browser", action="store_true", help="ブラウザーをひとりでに開かない")
    start.add_argument("--share-port", type=int, default=8766, metavar="PORT", help="ほかの機器がつなぐポート")
    commands.add_parser("sync", parents=[as_json], help="本部といまやり取りする")
    commands.add_parser("status", parents=[as_json], help="本部との間の様子")
    export = commands.add_parser("export", parents=[as_json], help="本部へ運ぶファイルを書き出す")
    export.add_argument("file", type=Path, help="ファイル名、または USB メモリーなどのフォルダー")
    take = commands.add_parser("import", parents=[as_json], help="本部から運んだファイルを受け取る")
    take.add_argument("file", type=Path, help="ファイル名、または USB メモリーなどのフォルダー")
    return parser


def run(asked: argparse.Namespace) -> int:
    """Do one command; say the outcome; the exit code."""
    from backend.core.errors import Refused

    from .errors import NoLine, Stopped, TurnedAway

    as_json = getattr(asked, "json", False)
    try:
        result = COMMANDS[asked.command](asked)
        code = DONE
    except Refused as problem:
        result, code = {"status": "refused", "message": problem.message}, REFUSED
    except (NoLine, Stopped, TurnedAway) as problem:
        result, code = {"status": "refused", "message": str(problem)}, REFUSED
    except KeyboardInterrupt:
        result, code = {"status": "stopped", "message": "止めました。記録は残っています。"}, STOPPED
    except Exception as error:
        from . import disk

        if disk.is_full(error):
            return _say({"status": "refused", "message": disk.FULL}, REFUSED, as_json)
        if os.environ.get("TASUKI_TRACEBACK"):
            raise
        # The class only: a message of the database may carry a person's row.
        message = f"予期しない誤りで止まりました（{type(error).__name__}）。記録は残っています。"
        result, code = {"status": "failed", "message": message}, FAILED
    return _say(result, code, as_json)


def _say(result: dict[str, Any], code: int, as_json: bool) -> int:
    out = sys.stdout if code == DONE else sys.stderr
    text = json.dumps(result, ensure_ascii=False) if as_json else str(result.get("message", ""))
    print(text, file=sys.stdout if as_json else out)
    return code


def _setup() -> None:
    os.environ["DJANGO_SETTINGS_MODULE"] = "offline_client.settings"
    import django

    django.setup()


def _passphrase(*, new: bool) -> str:
    given = os.environ.get("TASUKI_SHELTER_PASSPHRASE")
    if given is None:
        given = getpass.getpass("パスフレーズ：")
        if new and getpass.getpass("もう一度：") != given:
            from backend.core.errors import Refused

            raise Refused("二つのパスフレーズが違います。")
    return given


def _unlock(*, new: bool = False) -> None:
    from backend.core.errors import Refused

    from . import home, keyring

    if not new and not home.database().exists():
        raise Refused("この端末はまだ登録されていません。tasuki-shelter join で登録してください。")
    passphrase = _passphrase(new=new and not home.database().exists())
    if len(passphrase) < SHORTEST:
        raise Refused(f"パスフレーズは{SHORTEST}文字以上にしてください。")
    if not keyring.unlock(passphrase):
        raise Refused("パスフレーズが違います。")


def _join(asked: argparse.Namespace) -> dict[str, Any]:
    _setup()
    _unlock(new=True)
    from . import joining

    kept = joining.join(asked.url, asked.token)
    # The municipality is a setting, and was not known when the settings were read.
    from django.conf import settings

    from . import home

    settings.MUNICIPALITY, settings.MUNICIPALITY_CODE = home.read()["municipality_name"], kept.municipality
    done = _exchanged()
    return {
        "status": "done",
        "name": kept.name,
        "received": done.received,
        "message": f"「{kept.name}」として登録しました。tasuki-shelter start で始められます。",
    }


def _start(asked: argparse.Namespace) -> dict[str, Any]:
    _setup()
    if asked.share:
        from backend.core.errors import Refused

        from .share.addresses import choice, mine

        if not choice.choose(asked.share):
            there = "、".join(address.ip for address in mine()) or "ありません"
            raise Refused(f"この端末に {asked.share} という住所はありません。いまの住所：{there}")
    if not asked.locked:
        _unlock()
    from . import browser, serve

    said = f"http://127.0.0.1:{asked.port}/ をブラウザーで開いてください。Ctrl+C で終わります。"
    if asked.share is not None:
        said += f"\nほかの機器の入り方は http://127.0.0.1:{asked.port}/desk/laptop/share/ に出ます。"
    print(said, flush=True)  # noqa: T201
    listening = None if asked.no_browser else browser.opener(asked.port)
    serve.serve(asked.port, asked.share_port if asked.share is not None else None, listening)
    return {"status": "done", "message": "終わりました。"}


def _exchanged() -> Any:
    from backend.core.errors import Refused

    from . import running

    row = running.exchange()
    if row.problem:
        raise Refused(row.problem)
    return row


def _sync(asked: argparse.Namespace) -> dict[str, Any]:
    _ready()
    row = _exchanged()
    message = f"本部とやり取りしました。送った記録 {row.sent}件、受け取った記録 {row.received}件。"
    return {"status": "done", "sent": row.sent, "received": row.received, "refused": row.refused, "message": message}


def _ready() -> None:
    _setup()
    _unlock()
    from . import running

    running.opened()


def _status(asked: argparse.Namespace) -> dict[str, Any]:
    _ready()
    from . import queries

    found = queries.as_json()
    contacted = found["contacted_at"] or "まだありません"
    waiting = f"未送信 {found['unsent']}件・写真 {found['unsent_pictures']}枚"
    return found | {"message": f"{found['name']}　{waiting}　最後の連絡 {contacted}"}


def _export(asked: argparse.Namespace) -> dict[str, Any]:
    _ready()
    from . import bundle

    count = bundle.write(asked.file)
    return {"status": "done", "entries": count, "message": f"{count}件を書き出しました。本部で取り込んでください。"}


def _import(asked: argparse.Namespace) -> dict[str, Any]:
    _ready()
    from . import bundle, running

    row = running.kept_stick(lambda: bundle.read(asked.file))
    message = f"受け取りました。本部に届いた記録 {row.sent}件、新しい記録 {row.received}件。"
    return {"status": "done", "sent": row.sent, "received": row.received, "refused": row.refused, "message": message}


COMMANDS: dict[str, Callable[[argparse.Namespace], dict[str, Any]]] = {
    "join": _join,
    "start": _start,
    "sync": _sync,
    "status": _status,
    "export": _export,
    "import": _import,
}

if __name__ == "__main__":
    main()

"""tasuki import_house_roll FILE… [--year Y]: takes the house roll (家屋課税台帳・家屋補充課税台帳)."""

from argparse import ArgumentParser

from backend.registry.rolls.command import RollCommand


class Command(RollCommand):
    help = "家屋課税台帳・家屋補充課税台帳を取り込みます。前の年度の台帳は、そのまま残ります。"
    kind = "house"

    def arguments(self, parser: ArgumentParser) -> None:
        super().arguments(parser)
        parser.add_argument("--year", metavar="YEAR", help="台帳の年度（例 2026、R8。指定しなければ今年度）")

"""tasuki import_income_roll FILE…: takes the roll of municipal tax (incomes)."""

from backend.registry.rolls.command import RollCommand


class Command(RollCommand):
    help = "所得・住民税の課税台帳を取り込みます。年度は行ごとに読みます。前の年度の所得は、そのまま残ります。"
    kind = "income"

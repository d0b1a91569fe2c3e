from django.db import migrations

from backend.accounts.append_only import append_only, kept


class Migration(migrations.Migration):
    """What was found and what was judged of it stays, with its reason, whoever asks the database.

    A survey is followed by another one. A judgement is confirmed once, or sent back once; whether it holds follows from
    the surveys, and it may come to hold again when the later one was typed with the wrong day.
    """

    dependencies = [("damage", "0012_drawn_for_second_typing"), ("accounts", "0002_append_only")]

    operations = [
        append_only("damage_survey"),
        kept("damage_secondtyping", once=[["settled_at", "settled_by_id"]], key="survey_id"),
        kept(
            "damage_judgement",
            once=[["confirmed_at", "confirmed_by_id"], ["rejected_at", "rejected_by_id", "rejected_reason"]],
            free=["held_from", "held_until", "replaces_id"],
        ),
    ]

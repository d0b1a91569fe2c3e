from uuid import UUID

from django.db import migrations, models

PIECE = 2000


def fill(apps, schema_editor):
    """Who was met before cards were made has one too: it follows from the id."""
    from backend.shelters.cards.rules import card_of

    table = apps.get_model("shelters", "Evacuee")
    last = UUID(int=0)
    while rows := list(table.objects.filter(pk__gt=last).order_by("pk")[:PIECE]):
        for row in rows:
            row.card = card_of(row.pk)
        table.objects.bulk_update(rows, ["card"], batch_size=200)
        last = rows[-1].pk


class Migration(migrations.Migration):
    dependencies = [
        ("shelters", "0003_needs_and_where"),
    ]

    operations = [
        migrations.AddField(
            model_name="evacuee",
            name="card",
            field=models.CharField(
                db_index=True,
                default="",
                help_text="follows from the id; very seldom two have one",
                max_length=12,
                verbose_name="札の番号",
            ),
            preserve_default=False,
        ),
        migrations.RunPython(fill, migrations.RunPython.noop, elidable=False),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("journal", "0003_pictures"),
    ]

    operations = [
        migrations.AddField(
            model_name="device",
            name="waiting_from",
            field=models.PositiveBigIntegerField(null=True, verbose_name="前の部分を待つ最初の番号"),
        ),
        migrations.AddField(
            model_name="device",
            name="waiting_since",
            field=models.DateTimeField(null=True, verbose_name="前の部分を待ち始めた日時"),
        ),
        migrations.AddField(
            model_name="device",
            name="waiting_upto",
            field=models.PositiveBigIntegerField(null=True, verbose_name="前の部分を待つ最後の番号"),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("waiting_from", None),
                    ("waiting_since", None),
                    ("waiting_upto", None),
                )
                | models.Q(
                    ("waiting_from__gte", 1),
                    ("waiting_since__isnull", False),
                    ("waiting_upto__gte", models.F("waiting_from")),
                ),
                name="device_waits_for_something",
            ),
        ),
    ]

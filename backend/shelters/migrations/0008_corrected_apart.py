from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("shelters", "0007_last_arrivals"),
    ]

    operations = [
        migrations.AddField(
            model_name="details",
            name="was",
            field=models.JSONField(
                help_text="of a correction: what stood in the fields that it changed, when it was written", null=True
            ),
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("damage", "0013_results_are_kept"),
    ]

    operations = [
        migrations.AlterField(
            model_name="applicationfile",
            name="kind",
            field=models.CharField(choices=[("jpeg", "JPEG"), ("png", "PNG"), ("pdf", "PDF")], max_length=4),
        ),
        migrations.AlterField(
            model_name="applicationfile",
            name="reduced",
            field=models.CharField(blank=True, help_text="SHA-256 of the copy; a PDF has none", max_length=64),
        ),
        migrations.AddConstraint(
            model_name="applicationfile",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind__in", ("jpeg", "png")), models.Q(("reduced", ""), _negated=True)),
                    models.Q(
                        ("kind", "pdf"),
                        ("latitude", None),
                        ("reduced", ""),
                        ("taken_at", None),
                        models.Q(("what", "photo"), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="application_file_pdf_is_no_photo",
            ),
        ),
    ]

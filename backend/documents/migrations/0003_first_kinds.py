from django.db import migrations

from backend.documents.kinds import DEFAULTS


def forwards(apps, schema_editor):
    kinds = apps.get_model("documents", "DocumentKind")
    for key, values in DEFAULTS.items():
        kinds.objects.get_or_create(key=key, defaults=values)


class Migration(migrations.Migration):
    """The kinds stand there from the start, so that the administrator can word them before the first paper."""

    dependencies = [("documents", "0002_issued_papers_are_frozen")]

    operations = [migrations.RunPython(forwards, migrations.RunPython.noop)]

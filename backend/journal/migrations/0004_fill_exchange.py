import hashlib

from django.db import migrations

from backend.accounts.append_only import lifted


def fill_history(apps, schema_editor):
    """Entries received before get the hash over all that came until them, as new ones do."""
    entry_table, head_table = apps.get_model("journal", "Entry"), apps.get_model("journal", "Head")
    history = "0" * 64
    with lifted(schema_editor.connection):
        for number, sha256 in entry_table.objects.order_by("received_no").values_list("received_no", "sha256"):
            history = hashlib.sha256((history + sha256).encode()).hexdigest()
            entry_table.objects.filter(pk=number).update(history=history)
    head_table.objects.update(history=history)


def fill_topics(apps, schema_editor):
    """What the entries of before speak of; from their payloads, as the rooms read them now."""
    from backend.journal.content import Unreadable, topics_of

    entry_table, topic_table = apps.get_model("journal", "Entry"), apps.get_model("journal", "Topic")
    found = []
    for entry in entry_table.objects.filter(verdict="accepted").only("received_no", "kind", "v", "payload").iterator():
        try:
            topics = topics_of(entry.kind, entry.v, entry.payload)
        except Unreadable:
            continue
        found += [topic_table(received_no=entry.received_no, of=of, topic=topic) for of, topic in topics]
        if len(found) > 5000:
            topic_table.objects.bulk_create(found, batch_size=1000)
            found = []
    topic_table.objects.bulk_create(found, batch_size=1000)
    # What takes back or corrects an entry speaks of all that the entry speaks of.
    for number, target in (
        topic_table.objects.filter(of="entry").order_by("received_no").values_list("received_no", "topic")
    ):
        there = entry_table.objects.filter(uuid=target, verdict="accepted").values("received_no")
        rows = topic_table.objects.filter(received_no__in=there).exclude(of="entry").values_list("of", "topic")
        topic_table.objects.bulk_create([topic_table(received_no=number, of=of, topic=topic) for of, topic in rows])


def nothing(apps, schema_editor):
    pass


class Migration(migrations.Migration):
    """Entries received before get what new ones have: the hash of the history, and what they speak of."""

    dependencies = [("journal", "0003_exchange")]

    operations = [
        migrations.RunPython(fill_history, nothing),
        migrations.RunPython(fill_topics, nothing),
    ]

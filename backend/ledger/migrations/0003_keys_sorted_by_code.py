from django.db import migrations, models

import backend.ledger.fields


class Migration(migrations.Migration):
    dependencies = [
        ("ledger", "0002_append_only"),
    ]

    operations = [
        migrations.RemoveConstraint(
            model_name="person",
            name="person_of_register_once",
        ),
        migrations.RemoveConstraint(
            model_name="searchpart",
            name="search_part_once",
        ),
        migrations.RemoveConstraint(
            model_name="searchword",
            name="search_word_once",
        ),
        migrations.AlterField(
            model_name="person",
            name="alias_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="person",
            name="birth",
            field=backend.ledger.fields.OrderedByCode(
                blank=True, help_text="YYYY-MM-DD, unknown parts 00", max_length=10, verbose_name="生年月日"
            ),
        ),
        migrations.AlterField(
            model_name="person",
            name="family_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="person",
            name="given_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="person",
            name="kana_family_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=150),
        ),
        migrations.AlterField(
            model_name="person",
            name="kana_given_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="person",
            name="town_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="searchpart",
            name="part",
            field=backend.ledger.fields.OrderedByCode(max_length=2),
        ),
        migrations.AlterField(
            model_name="searchpart",
            name="word",
            field=backend.ledger.fields.OrderedByCode(max_length=200),
        ),
        migrations.AlterField(
            model_name="searchword",
            name="word",
            field=backend.ledger.fields.OrderedByCode(max_length=200),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="birth",
            field=backend.ledger.fields.OrderedByCode(
                blank=True, help_text="YYYY-MM-DD, unknown parts 00", max_length=10, verbose_name="生年月日"
            ),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="birth_turned",
            field=backend.ledger.fields.OrderedByCode(
                blank=True, help_text="month and day the other way round", max_length=10
            ),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="family_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=100),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="given_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="kana_family_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=150),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="kana_given_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AlterField(
            model_name="typedrecord",
            name="town_key",
            field=backend.ledger.fields.OrderedByCode(blank=True, max_length=200),
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=models.Q(("atena_no__isnull", False)),
                fields=("atena_no", "disaster"),
                name="person_of_register_once",
            ),
        ),
        migrations.AddConstraint(
            model_name="searchpart",
            constraint=models.UniqueConstraint(
                fields=("part", "field", "disaster", "rank", "word"), name="search_part_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="searchword",
            constraint=models.UniqueConstraint(fields=("field", "word", "disaster"), name="search_word_once"),
        ),
    ]

"""Former addresses of articles, where they were imported from, and which version a translation renders."""

import django.db.models.deletion
from django.contrib.postgres.operations import TrigramExtension
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("knowledge", "0002_articles")]

    operations = [
        TrigramExtension(),
        migrations.CreateModel(
            name="FormerSlug",
            fields=[
                ("slug", models.SlugField(max_length=120, primary_key=True, serialize=False)),
                (
                    "article",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="former_slugs",
                        to="knowledge.article",
                    ),
                ),
            ],
        ),
        migrations.AddField("article", "translated_version", models.PositiveIntegerField(null=True)),
        migrations.AddField("article", "worded_in", models.PositiveIntegerField(default=1)),
        migrations.AddField("article", "imported_from", models.CharField(blank=True, max_length=500)),
        migrations.AddConstraint(
            "article",
            models.UniqueConstraint(
                condition=models.Q(("imported_from", ""), _negated=True),
                fields=("imported_from",),
                name="article_imported_once",
            ),
        ),
    ]

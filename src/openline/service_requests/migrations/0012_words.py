"""Public requests by the words of their public text, in English and Spanish stems (service_requests/searching.py)."""

from django.db import migrations

TEXT = "public_description || ' ' || place_name"


class Migration(migrations.Migration):

    dependencies = [
        ("service_requests", "0011_near"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX request_words ON service_requests_servicerequest USING gin"
            f" ((to_tsvector('english'::regconfig, {TEXT}) || to_tsvector('spanish'::regconfig, {TEXT}))) WHERE public",
            "DROP INDEX request_words",
        ),
    ]

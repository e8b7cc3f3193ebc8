"""What lies near: an index by place, not by latitude first, which would read a band across the whole city."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ("service_requests", "0010_closing"),
    ]

    operations = [
        migrations.RunSQL(
            "CREATE INDEX request_near ON service_requests_servicerequest USING gist (point(longitude, latitude))",
            "DROP INDEX request_near",
        ),
    ]

"""The database itself refuses to change or remove a record."""

from django.db import migrations

APPEND_ONLY = """
CREATE FUNCTION openline_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'Records are append-only: % of % is refused.', TG_OP, TG_TABLE_NAME;
END $$;
CREATE TRIGGER record_append_only BEFORE UPDATE OR DELETE ON records_record
    FOR EACH ROW EXECUTE FUNCTION openline_append_only();
CREATE TRIGGER record_no_truncate BEFORE TRUNCATE ON records_record
    FOR EACH STATEMENT EXECUTE FUNCTION openline_append_only();
"""


class Migration(migrations.Migration):
    dependencies = [("records", "0001_initial")]
    operations = [
        migrations.RunSQL(
            APPEND_ONLY,
            "DROP TRIGGER record_append_only ON records_record; DROP TRIGGER record_no_truncate ON records_record;"
            " DROP FUNCTION openline_append_only();",
        ),
    ]

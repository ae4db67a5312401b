from typing import Any

from django.db import migrations

# A later migration that remakes the table on SQLite (AlterField and its like) drops its triggers: run `guard` after it.
_SQLITE = (
    "CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
    "CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'the audit log only grows'); END",
)
_POSTGRESQL = (
    "CREATE FUNCTION audit_only_grows() RETURNS trigger LANGUAGE plpgsql AS "
    "$$ BEGIN RAISE EXCEPTION 'the audit log only grows'; END $$",
    "CREATE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit FOR EACH ROW EXECUTE FUNCTION audit_only_grows()",
    "CREATE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit FOR EACH STATEMENT EXECUTE FUNCTION audit_only_grows()",
)
_UNDO = {
    'sqlite': ("DROP TRIGGER audit_no_update", "DROP TRIGGER audit_no_delete"),
    'postgresql': (
        "DROP TRIGGER audit_no_change ON audit", "DROP TRIGGER audit_no_truncate ON audit",
        "DROP FUNCTION audit_only_grows()",
    ),
}


def guard(apps: Any, schema_editor: Any) -> None:
    """Let the database refuse every change of the audit log but new lines."""
    for statement in _SQLITE if schema_editor.connection.vendor == 'sqlite' else _POSTGRESQL:
        schema_editor.execute(statement)


def unguard(apps: Any, schema_editor: Any) -> None:
    for statement in _UNDO[schema_editor.connection.vendor]:
        schema_editor.execute(statement)


class Migration(migrations.Migration):

    dependencies = [
        ('store', '0006_user_sessions'),
    ]

    operations = [
        migrations.RunPython(guard, unguard),
    ]

"""Django's SQLite backend without the check constraint on JSON columns.

The constraint calls ``json_valid()``, which SQLite refuses in a table's schema under
``trusted_schema=OFF``. Our own models have no JSON column, but allauth's table of second factors
has one. Only Django writes to it, and it serializes the values itself, so nothing is lost.
"""

from django.db.backends.sqlite3 import base


class DatabaseWrapper(base.DatabaseWrapper):
    data_type_check_constraints = {
        field_type: constraint
        for field_type, constraint in base.DatabaseWrapper.data_type_check_constraints.items()
        if field_type != "JSONField"
    }

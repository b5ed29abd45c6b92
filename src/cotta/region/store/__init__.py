"""The rows of the region: SQLite, and the only SQL in the house.

`Store` gives transactions, `Kind` says how one class of records is kept, `kinds` is the table of
all of them, `schema.sql` the tables in the database.  A handler reads and writes typed
records inside one transaction and never sees a row.

To add a table: a record in `region/model`, a line in `kinds.py`, a table in `schema.sql`.  Once
there has been a release, a file in `migrations/` too, for the stores that exist then.
May import `model`.
"""

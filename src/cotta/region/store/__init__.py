"""The rows of the region: SQLite, and the only SQL in the house.

`Store` gives transactions, `Kind` says how one class of records is kept, `kinds` is the table of
all of them, from which the tables in the database are made.  A handler reads and writes typed
records inside one transaction and never sees a row.

To add a table: a record in `region/model` and a line in `kinds.py`.
May import `model`.
"""

"""Load balancing's operations, a file for each kind of thing; `operations` is the table."""

"""EC2's operations, a file for each group of them; `operations` is the table."""

"""Identity and Access Management: kept and shown, so that templates that need roles work.

Nobody is kept from anything by a policy here: the region has one account, and whoever has its keys
may do everything.  A file for each kind of thing; `operations` is the table.
"""

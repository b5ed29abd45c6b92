"""The one door to AWS, and to whatever speaks as AWS does: the local region, moto.

`which.py` says which cloud is meant and how it is reached, as data.
`session.py` calls operations by their names, with shared clients, retries and
pages.  `tags.py` names the tags that tell where an image comes from, and reads
them.  `models.py` is where botocore's models come from.  `errors.py` is what a
refused or lost call becomes.  `waits.py` waits for what takes its time.

Imports `system` alone.  botocore is imported with the first client, never
before: most commands need none.
"""

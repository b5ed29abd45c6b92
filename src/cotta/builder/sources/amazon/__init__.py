"""The source `amazon-ebs`, step by step, in the order of the files of `../amazon_ebs.py`.

`access.py` says how the cloud is reached, `cloud.py` calls it, `work.py` is what the steps
tell one another, `removing.py` takes away whatever a build has made.
"""

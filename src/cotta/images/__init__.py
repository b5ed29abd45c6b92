"""Images as a cloud has them, what is in them, and which of them a configuration is held to.

`catalogue.py` lists the images of an account and who uses them; `contents.py` is the record of
what is in one, and what two have otherwise; `history.py` knows which images a launch template has
had and which last ran healthy; `pins.py` holds data sources to one image until somebody lets go.
Imports `clouds` and lower rooms.  Read next: `catalogue.py`.
"""

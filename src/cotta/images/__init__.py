"""Images as a cloud has them, and which of them a configuration is held to.

`history.py` knows which images a launch template has had and which last ran healthy;
`pins.py` holds data sources to one image until somebody lets go.  Imports `clouds` and lower
rooms.  Read next: `pins.py`.
"""

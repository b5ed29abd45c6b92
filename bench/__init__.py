"""The project's numbers, measured against its peers in the same run: `make bench`."""

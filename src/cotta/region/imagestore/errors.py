"""What can go wrong with images, as the rest of the region sees it."""

from __future__ import annotations


class ImageStoreError(Exception):
    """An image can't be made, mounted or removed: what was tried, what came back, what to do."""


class DiskFullError(ImageStoreError):
    """There is no room for an image; nothing of it is left."""


class MissingProgramError(ImageStoreError):
    """A program of a Debian package is not there."""


class UnknownImageError(ImageStoreError):
    """The store has no image with this digest."""


class DamagedImageError(ImageStoreError):
    """An image is not what it was when it was made."""


class ImportRefusedError(ImageStoreError):
    """What was given to make an image of can't be one: what is wrong with it."""

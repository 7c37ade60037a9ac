"""Errors whose text is shown to the user as it is: one sentence on what is wrong, one on what to do."""


class FashionError(Exception):
    """Base of every error that a user can mend; its text says how."""


class DataError(FashionError):
    """A data file is missing, damaged, or not the published one."""


class PictureError(FashionError):
    """A picture cannot be read or holds nothing to classify."""


class RunError(FashionError):
    """A run is missing, damaged, or cannot be used for what was asked."""


class ConfigError(FashionError):
    """A setting is outside its range or unknown."""


class DamagedResultError(FashionError):
    """A computed result on disk cannot be read."""


class SavedGarmentsError(FashionError):
    """The garments that a visitor kept cannot be read or written."""


class DamagedGarmentsError(SavedGarmentsError):
    """The file of kept garments is damaged or not one; it is left as it is until it is set aside."""


class StorageError(FashionError):
    """A file or folder cannot be read, written, locked or deleted."""


class JobError(FashionError):
    """Background work is damaged, or cannot be started or ended."""


class JobCancelled(FashionError):
    """The user asked a job to stop."""

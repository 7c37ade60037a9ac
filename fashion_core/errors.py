"""Errors with a text for the user: one sentence about what is wrong, one about what to do."""


class FashionError(Exception):
    """Base of every error that a user can fix; its text says how."""


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
    """Saved garments cannot be read or written."""


class DamagedGarmentsError(SavedGarmentsError):
    """The file of saved garments is damaged; it stays untouched until the user moves it away."""


class StorageError(FashionError):
    """A file or folder cannot be read, written, locked or deleted."""


class LockedError(StorageError):
    """Another process holds a lock, for longer than one waits for it."""


class AccessError(FashionError):
    """The visitor who asks may not do this."""


class JobError(FashionError):
    """Background work is damaged, or cannot be started or ended."""


class JobCancelled(FashionError):
    """The user asked a job to stop."""

"""Backup and restore: one file that holds the database of one moment and the stored files, believed only once restored."""

from aldia.ops.backup.making import UnableToBackUp, back_up
from aldia.ops.backup.restoring import UnableToRestore, restore

__all__ = ["UnableToBackUp", "UnableToRestore", "back_up", "restore"]

"""The one SQLite library of a process.

Two SQLite libraries on one WAL file in one process break it ("disk I/O error" on the next connection;
measured), so everything takes the module from here: SQLCipher's build, which opens plain files as well as
encrypted ones.
"""

from __future__ import annotations

from types import ModuleType

from sqlcipher3 import dbapi2

#: a DBAPI module like the standard library's, with `key` support
sqlite_driver: ModuleType = dbapi2

"""The product's settings for tests: a data folder of their own, cheap passwords, database files in that folder."""

import atexit
import os
import shutil

from tests import folders

if "ALDIA_HOME" not in os.environ or "PYTEST_XDIST_WORKER" not in os.environ:
    # Always a fresh folder (a developer's ALDIA_HOME holds real data); xdist's workers share the first one's.
    os.environ["ALDIA_HOME"] = str(folders.made("aldia-test"))
    atexit.register(shutil.rmtree, os.environ["ALDIA_HOME"], ignore_errors=True)
if os.environ.get("ALDIA_TEST_DATABASE_URL"):
    os.environ["ALDIA_DATABASE_URL"] = os.environ["ALDIA_TEST_DATABASE_URL"]

from aldia.config.settings import *  # noqa: F403 - the variables above must come first
from aldia.config.settings import DATABASES, HOME

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
DATABASES["default"]["CONN_MAX_AGE"] = 0
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # A file, as in the product: threads and other processes see the same database.
    DATABASES["default"]["TEST"] = {"NAME": str(HOME / "test.sqlite3")}
else:
    # Nobody waits for a row or a table for ever: a lock that is not let go fails its test, and says which statement waited.
    DATABASES["default"]["OPTIONS"]["options"] = "-c lock_timeout=120s"

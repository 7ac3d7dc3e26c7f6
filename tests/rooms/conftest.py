"""A database of one's own, for tests whose rows other connections must see."""

from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection

from tests.beginnings import GROUND


@pytest.fixture(scope="module")
def own_database(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """A database for one module, thrown away afterwards: threads commit for real, and final rows need no flush."""
    names = connection.settings_dict["TEST"]
    shared_name, shared_test_name = connection.settings_dict["NAME"], names["NAME"]
    own = uuid4().hex[:8]
    with django_db_blocker.unblock():
        GROUND.leave()
        connection.close()
        is_file = connection.vendor == "sqlite"
        names["NAME"] = f"{shared_test_name}.{own}" if is_file else f"test_{own}"
        connection.creation.create_test_db(verbosity=0, autoclobber=True, serialize=False)
        names["NAME"] = shared_test_name
        try:
            yield
        finally:
            GROUND.leave()
            connection.close()
            connection.creation.destroy_test_db(shared_name, verbosity=0)

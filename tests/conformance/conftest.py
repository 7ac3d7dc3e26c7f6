"""The real inputs with right answers live beside the checkout and are never copied into it."""

from pathlib import Path

import pytest

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"

collect_ignore_glob = [] if DATA.is_dir() else ["test_*.py"]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder `../shared/data` beside the checkout."""
    return DATA

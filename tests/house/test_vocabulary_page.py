"""The page of the vocabulary says what the engine reads."""

from tests.house import vocabulary_page


def test_the_page_of_the_vocabulary_is_the_one_that_the_engine_writes() -> None:
    assert vocabulary_page.PAGE.read_text(encoding="utf-8") == vocabulary_page.page()

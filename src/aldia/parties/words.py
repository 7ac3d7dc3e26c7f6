"""The words that search finds parties by: derived from names and phones, written where those change."""

import polars as pl
from django.db import connection

from aldia.db.frames import temporary_table, write_frame
from aldia.parties.models import PartyWord
from aldia.parties.names import PHONE_MARK, phone_word, phone_words_of, words_of


def rewrite_name_words(organisation_id: int, names: pl.DataFrame, *, is_new: bool) -> None:
    """Make the name words of each party (party_id, name) those of its present name."""
    if names.is_empty():
        return
    if not is_new:
        with (
            temporary_table("parties_partyword", ["party_id"], names.select("party_id")) as gone,
            connection.cursor() as cursor,
        ):
            cursor.execute(
                f'DELETE FROM parties_partyword WHERE party_id IN (SELECT party_id FROM "{gone}") AND substr(word, 1, 1) <> %s',
                [PHONE_MARK],
            )
    _write(organisation_id, words_of(names, name="name"))


def write_phone_words(organisation_id: int, phones: pl.DataFrame) -> None:
    """Make each phone (party_id, value) findable by its last digits."""
    _write(organisation_id, phone_words_of(phones, phone="value"))


def add_phone_word(organisation_id: int, party_id: int, phone: str) -> None:
    """Make one phone findable by its last digits."""
    PartyWord.objects.of(organisation_id).get_or_create(
        word=phone_word(phone), party_id=party_id, defaults={"organisation_id": organisation_id}
    )


def _write(organisation_id: int, words: pl.DataFrame) -> None:
    if not words.is_empty():
        write_frame(PartyWord, words.with_columns(organisation_id=pl.lit(organisation_id, pl.Int64)))

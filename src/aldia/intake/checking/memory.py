"""What the checks of a file remember from one piece to the next: rows seen so far, and whether a balance only adds them up."""

import polars as pl

from aldia.intake.checking.problems import ProblemBook


class Memory:
    """The keys of the rows seen so far, as three whole numbers each, and what the first piece told of the rest."""

    def __init__(self) -> None:
        self.is_running: bool | None = (
            None  # whether the column of balances adds up the rows (`sides`); None: not seen yet
        )
        self.has_told_balance = False  # a column of balances that was not read is named once
        self._rows, self._wholes = _Seen(), _Seen()

    def judge_repeats(
        self, frame: pl.DataFrame, *, key: list[pl.Expr], content: list[str], field: str, book: ProblemBook
    ) -> pl.Series:
        """True for the rows that repeat an earlier one exactly; one that differs from it is an error of the later row.

        Rows already in error are left out: a corrected second line of theirs is no repetition.
        """
        first, again, same = self._rows.meet(frame, key=key, content=content, field=field, book=book)
        book.add("duplicate_same", field, same, frame[field], first=first)
        book.add("duplicate_different", field, again & ~same, frame[field], first=first)
        return same

    def judge_parts(
        self, frame: pl.DataFrame, *, whole: str, content: list[str], except_for: pl.Series, book: ProblemBook
    ) -> None:
        """An error of the rows that name the same `whole` as an earlier one, and say otherwise what parts of it share."""
        first, again, same = self._wholes.meet(
            frame, key=[pl.col(whole)], content=content, field=whole, book=book
        )
        book.add("part_different", whole, again & ~same & ~except_for, frame[whole], first=first)


class _Seen:
    """The rows met so far by their key: which was the first, and what it said."""

    def __init__(self) -> None:
        self._seen = pl.DataFrame(schema={"key": pl.UInt64, "row": pl.Int64, "content": pl.UInt64})

    def meet(
        self, frame: pl.DataFrame, *, key: list[pl.Expr], content: list[str], field: str, book: ProblemBook
    ) -> tuple[pl.Series, pl.Series, pl.Series]:
        """Per row: the first of its key, whether that was another row, and whether that said the same."""
        table = frame.select(
            pl.struct(key).hash(11).alias("key"),
            pl.col("row"),
            pl.struct(content).hash(13).alias("content"),
        ).with_columns(is_bad=book.bad | frame[field].is_null())
        here = (
            table.filter(~pl.col("is_bad"))
            .select("key", "row", "content")
            .unique("key", keep="first", maintain_order=True)
        )
        before = self._seen.join(here.select("key"), on="key", how="semi")
        new = here.join(before.select("key"), on="key", how="anti")
        self._seen = pl.concat([self._seen, new], rechunk=False)
        first = pl.concat([before, new]).rename({"row": "first", "content": "first_content"})
        joined = table.join(first, on="key", how="left", maintain_order="left")
        again = ~joined["is_bad"] & (joined["first"] != joined["row"]).fill_null(value=False)
        same = again & (joined["content"] == joined["first_content"]).fill_null(value=False)
        return joined["first"], again, same

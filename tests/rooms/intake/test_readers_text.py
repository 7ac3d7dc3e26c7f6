"""Text tables in every encoding and dialect come out as the same cells, or are refused with the line and the repair."""

from pathlib import Path

import pytest

from aldia.intake.readers.refusals import FileRefused
from aldia.intake.readers.shapes import find_header
from aldia.intake.readers.table import read_table
from aldia.intake.readers.text_file import Request

ROWS = [
    ["cliente", "razón social", "saldo"],
    ["7", "Muñoz e Hijos S.A.", "1.234,56"],
    ["8", "João Conceição", "10,00"],
]


def written(
    folder: Path, rows: list[list[str]], *, separator: str = ";", encoding: str = "utf-8", end: str = "\n"
) -> Path:
    path = folder / "file.csv"
    path.write_bytes((end.join(separator.join(row) for row in rows) + end).encode(encoding))
    return path


def cells(path: Path, **told: object) -> list[list[str]]:
    table = read_table(path, request=Request(**told) if told else None)  # type: ignore[arg-type]
    return [table.columns, *(list(row) for row in table.frame.select(table.columns).rows())]


def refused(path: Path, **told: object) -> FileRefused:
    with pytest.raises(FileRefused) as caught:
        read_table(path, request=Request(**told) if told else None)  # type: ignore[arg-type]
    return caught.value


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "latin-1", "cp1252", "cp850", "mac_roman"]
)
def test_the_same_names_come_out_of_every_encoding(tmp_path: Path, encoding: str) -> None:
    assert cells(written(tmp_path, ROWS, encoding=encoding)) == ROWS


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_separators_and_line_ends_are_found(tmp_path: Path, separator: str, end: str) -> None:
    rows = [[cell.replace(",", ".") for cell in row] for row in ROWS]
    assert cells(written(tmp_path, rows, separator=separator, end=end)) == rows


def test_czech_is_not_taken_for_western(tmp_path: Path) -> None:
    rows = [["číslo účtu", "název"], ["1", "Původní částka"]]
    table = read_table(written(tmp_path, rows, encoding="cp1250"))
    assert table.dialect.encoding == "cp1250"
    assert table.columns == rows[0]
    assert 0.25 < table.dialect.certainty < 1


def test_a_file_of_two_encodings_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes("cliente;nombre\n1;José\n2;Ñandú\n".encode() + "3;Peña\n".encode("latin-1"))
    found = refused(path)
    assert (found.code, found.row) == ("mixed_encoding", 4)
    assert "encoding" in str(found.hint)


def test_a_stated_encoding_that_does_not_fit_is_refused(tmp_path: Path) -> None:
    found = refused(written(tmp_path, ROWS, encoding="latin-1"), encoding="utf-8")
    assert (found.code, found.row) == ("wrong_encoding", 1)


def test_bytes_of_no_language_are_refused_not_garbled(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(b"cliente;nombre\n1;a\x9d\x81\x8d\x8f\x90b\n")
    assert refused(path).code == "unknown_encoding"


def test_titles_above_the_heading_are_told_apart(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("Empresa Ejemplo\nDeuda al 31/12;;\n\ncliente;documento;saldo\n7;A-1;10\n\n8;A-2;20\n")
    table = read_table(path)
    assert table.dialect.header_row == 4
    assert table.columns == ["cliente", "documento", "saldo"]
    assert table.frame["_row"].to_list() == [5, 7]
    assert table.dialect.title[0] == ["Empresa Ejemplo"]


def test_days_overdue_are_headings_too() -> None:
    heading = ["Cliente", "Factura", "Vence", "Al día", "1-30", "31 - 60", "61-90", "+90", "Total"]
    row = ["Ana", "F1", "13/02/2025", "0", "0", "10,50", "0", "0", "10,50"]
    assert find_header([heading, row, row]) == 0
    assert find_header([row, row]) is None


def test_without_heading_the_columns_are_numbered(tmp_path: Path) -> None:
    table = read_table(
        written(tmp_path, [["27 Feb 2018", "UMC", "7.80"], ["28 Feb 2018", "UMC", "9.80"]], separator=",")
    )
    assert (table.dialect.header_row, table.columns, table.rows) == (
        None,
        ["columna 1", "columna 2", "columna 3"],
        2,
    )


def test_empty_and_repeated_headings_get_names_of_their_own(tmp_path: Path) -> None:
    table = read_table(written(tmp_path, [["id", "", "id", "saldo"], ["1", "x", "2", "3"]]))
    assert table.columns == ["id", "columna 2", "id (2)", "saldo"]


def test_quoted_line_breaks_stay_in_their_cell(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('id,name\n1,"Calle 1\nPiso 2"\n2,"dijo ""hola"""\n')
    assert cells(path)[1:] == [["1", "Calle 1\nPiso 2"], ["2", 'dijo "hola"']]
    assert read_table(path).frame["_row"].to_list() == [2, 3]


def test_ragged_rows_are_counted_row_by_row(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b,c\n1,2,3\n1,2\n1,2,3,4\n1,2,3,,\n1,"x"y,3\n9,8,7\n')
    frame = read_table(path).frame
    assert frame["_cells"].to_list() == [3, 2, 4, 3, -1, 3]
    assert frame["_row"].to_list() == [2, 3, 4, 5, 6, 7]


def test_rows_that_a_spreadsheet_wrapped_whole_are_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('"cliente,""razón social"",saldo"\n"7,""Sol, S.A."",""1.234,56"""\n"8,""Luna"",10"\n')
    assert cells(path) == [
        ["cliente", "razón social", "saldo"],
        ["7", "Sol, S.A.", "1.234,56"],
        ["8", "Luna", "10"],
    ]


def test_a_quote_never_closed_is_refused_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text('a,b\n1,2\n3,"open\n5,6\n')
    assert (refused(path).code, refused(path).row) == ("unclosed_quote", 3)


def test_the_first_line_may_declare_the_separator(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("sep=|\na|b\n1|2\n")
    assert cells(path) == [["a", "b"], ["1", "2"]]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"\n\n  \n", "empty_file"),
        (b"a,b\n", "no_rows"),
        (b"%PDF-1.7 ...", "unsupported_format"),
        (b"<html><table><tr><td>1</td></tr></table>", "unsupported_format"),
        (b"<?xml version='1.0'?><a/>", "unsupported_format"),
        (bytes(range(256)) * 40, "binary_file"),
    ],
)
def test_what_is_no_table_is_refused_with_a_repair(tmp_path: Path, content: bytes, code: str) -> None:
    path = tmp_path / "file.csv"
    path.write_bytes(content)
    found = refused(path)
    assert found.code == code
    assert str(found.found) and str(found.expected) and str(found.hint)


def test_a_missing_file_is_a_refusal(tmp_path: Path) -> None:
    assert refused(tmp_path / "no.csv").code == "not_found"


def test_too_many_columns_are_refused(tmp_path: Path) -> None:
    found = refused(written(tmp_path, [[f"c{index}" for index in range(201)], ["1"] * 201]))
    assert found.code == "too_many_columns"
    assert "201" in str(found.found) and "200" in str(found.expected)


def test_the_heading_row_and_separator_can_be_stated(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("1;2\na;b,c\n3;4\n")
    assert cells(path, header_row=2, separator=";") == [["a", "b,c"], ["3", "4"]]


def test_pieces_hold_every_row_once(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,name\n" + "".join(f"{number},n{number}\n" for number in range(20_001)))
    pieces = list(read_table(path).chunks(7_000))
    assert [piece.height for piece in pieces] == [7_000, 7_000, 6_001]
    assert [int(value) for piece in pieces for value in piece["id"]] == list(range(20_001))


def test_a_cell_without_end_is_cut_so_that_memory_stays_small(tmp_path: Path) -> None:
    path = tmp_path / "file.csv"
    path.write_text("id,name\n1," + "x" * 100_000 + "\n")
    assert read_table(path).frame["name"].str.len_chars().item() == 32_768

"""Hostile and damaged record files are refused in words, quickly, and cost nobody else their answer."""

import io
import os
import zipfile
from pathlib import Path

import pytest

from aldia.intake.readers.limits import Limits
from aldia.intake.readers.records.reader import read_many
from aldia.intake.readers.refusals import FileRefused
from aldia.intake.readers.registry import normalised, normalised_all

CFDI = "<Comprobante Version='4.0' Folio='7' Fecha='2025-10-02T00:00:00' Moneda='MXN' Total='10' TipoDeComprobante='I' MetodoPago='PPD'/>"
LAUGHS = "".join(f"<!ENTITY {b} '{f'&{a};' * 10}'>" for a, b in zip("abcdefgh", "bcdefghi", strict=True))
HOSTILE = {
    "xxe.xml": ("<!DOCTYPE x [<!ENTITY f SYSTEM 'file:///etc/passwd'>]><Document>&f;</Document>", "xml_entities"),
    "laughs.xml": (f"<!DOCTYPE l [<!ENTITY a 'ja'>{LAUGHS}]><l>&i;</l>", "xml_entities"),
    "late.xml": ("<!-- " + "x" * 5000 + " --><!DOCTYPE x SYSTEM 'http://malo.example/x.dtd'><Document/>", "xml_entities"),
    "cut.xml": (CFDI[:60], "xml_truncated"),
    "nested.xml": ("<a>" * 100_000 + "</a>" * 100_000, "xml_damaged"),
    "latin.xml": (b"<?xml version='1.0' encoding='UTF-8'?><a>" + b"\xf1\xe1</a>", "xml_encoding"),
    "otro.xml": ("<Pedido/>", "xml_unknown"),
    "bajo.ofx": ("<OFX></OFX>", "no_statement"),
}  # fmt: skip


def written(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def test_each_is_refused_with_a_text_and_the_good_one_beside_them_is_read(tmp_path: Path) -> None:
    paths = [written(tmp_path, name, content) for name, (content, _code) in HOSTILE.items()]
    good = written(tmp_path, "factura.ofx", CFDI)  # the content decides, not the name
    begin = sum(os.times()[:4])
    found = normalised_all([*paths, good])
    assert sum(os.times()[:4]) - begin < len(paths)
    for path in paths:
        answer = found[path]
        assert answer["problems"][0]["code"] == HOSTILE[path.name][1], path.name
        assert answer["error"] and answer["format"] is None
        assert not any(answer[name] for name in ("statements", "titles", "returns", "documents", "records"))
    assert found[good]["documents"][0]["payable"] == "10"


def test_a_huge_file_is_refused_by_its_size_alone(tmp_path: Path) -> None:
    path = written(tmp_path, "grande.xml", CFDI)
    os.truncate(path, 2 * 1024**3)
    answer = normalised(path)
    assert answer["problems"][0]["code"] == "record_file_too_big"
    assert "2048" in answer["error"]


def test_a_file_that_kills_the_child_costs_only_itself(tmp_path: Path) -> None:
    heavy = written(tmp_path, "pesado.xml", "<a>" + "<b c='1'/>" * 2_000_000 + "</a>")
    good = [written(tmp_path, f"{name}.xml", CFDI) for name in "ab"]
    first, second, third = read_many([good[0], heavy, good[1]], limits=Limits(memory_bytes=160 * 1024 * 1024))
    assert isinstance(second, FileRefused)
    assert second.code == "too_much_memory"
    assert not isinstance(first, FileRefused)
    assert not isinstance(third, FileRefused)
    assert third["documents"][0]["number"] == "7"


def test_an_archive_gives_all_its_members_and_names_the_bad_ones(tmp_path: Path) -> None:
    path = tmp_path / "octubre.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(30):
            archive.writestr(f"{number}.xml", CFDI.replace("'7'", f"'{number}'"))
        archive.writestr("otro.xml", "<Pedido/>")
        archive.writestr("interno.zip", b"PK\x03\x04" + b"0" * 40)
        archive.writestr("__MACOSX/._0.xml", "nada")
    answer = normalised(path)
    assert [document["number"] for document in answer["documents"]] == [str(number) for number in range(30)]
    assert answer["documents"][3]["member"] == "3.xml"
    assert [(each["field"], each["code"]) for each in answer["problems"]] == [
        ("otro.xml", "xml_unknown"),
        ("interno.zip", "damaged_file"),
    ]


def _zip(members: dict[str, str | bytes]) -> bytes:
    whole = io.BytesIO()
    with zipfile.ZipFile(whole, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return whole.getvalue()


def test_archives_of_mails_are_opened_once_and_the_picture_of_a_document_is_none(tmp_path: Path) -> None:
    mail = _zip({"factura.xml": CFDI, "factura.pdf": b"%PDF-1.4", "suelto.pdf": b"%PDF-1.4"})
    inner = {
        "a.zip": mail,
        "b.zip": _zip({"c.zip": _zip({"x.xml": CFDI})}),
        "d.xlsx": _zip({"[Content_Types].xml": ""}),
    }
    answer = normalised(written(tmp_path, "mes.zip", _zip(inner)))
    assert [document["member"] for document in answer["documents"]] == ["a.zip/factura.xml"]
    assert [(each["field"], each["code"]) for each in answer["problems"]] == [
        ("a.zip/suelto.pdf", "not_a_record_file"),
        ("b.zip/c.zip", "nested_archive"),
        ("d.xlsx", "not_a_record_file"),
    ]


def test_archives_inside_share_what_one_alone_may_hold(tmp_path: Path) -> None:
    part = _zip({"a.xml": f"{CFDI}<!-- {' ' * 90_000}{os.urandom(2000).hex()} -->"})
    path = written(tmp_path, "mes.zip", _zip({f"{number}.zip": part for number in range(3)}))
    limits = Limits(unpacked_bytes=200_000)
    (answer,) = read_many([path], limits=limits)
    assert not isinstance(answer, FileRefused)
    assert [each["code"] for each in answer["problems"]][-1] == "unpacks_too_big"


@pytest.mark.parametrize("kind", ["bomb", "empty", "password"])
def test_archives_that_are_refused_whole(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "malo.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        if kind == "bomb":
            archive.writestr("a.xml", b"0" * 50_000_000)
        if kind == "password":
            archive.writestr("a.xml", CFDI)
    if kind == "password":
        data = bytearray(path.read_bytes())
        data[data.index(b"PK\x01\x02") + 8] |= 1
        path.write_bytes(data)
    expected = {"bomb": "ratio_too_high", "empty": "no_document", "password": "password_protected"}
    assert normalised(path)["problems"][0]["code"] == expected[kind]

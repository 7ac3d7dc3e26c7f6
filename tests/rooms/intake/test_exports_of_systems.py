"""Files as systems of the region export them: titles, rules, sums and signs that are no documents of anybody."""

from pathlib import Path

import pytest

from aldia.intake.checking.options import Checked, LoadOptions
from aldia.intake.checking.tabular import check_table, open_table

SAP = """Partidas de deudores - Individuales                  Fecha 22.11.2026
Sociedad   1000

-----------------------------------------------------------------------------------
|St|Nº doc.   |Cla|Fecha doc.|Venc.neto |  Importe en MD|Mon.|Texto       |Cliente |
-----------------------------------------------------------------------------------
|  |1800000123|RV |15.10.2026|14.11.2026|      12.345,67|ARS |Factura     |100123  |
|  |1600000007|DG |20.10.2026|20.10.2026|         500,00-|ARS |Nota       |100123  |
-----------------------------------------------------------------------------------
|* |          |   |          |          |      11.845,67|ARS |            |        |
"""
TOTVS = """Prefixo;No. Titulo;Parcela;Tipo;Cliente;Loja;Nome Cliente;DT Emissao;Vencimento;Vlr.Titulo;Saldo
1;000012345;A;NF;000001;01;COMERCIAL SÃO JOSÉ LTDA;01/10/2026;31/10/2026;1.500,00;1.500,00
1;000012345;B;NF;000001;01;COMERCIAL SÃO JOSÉ LTDA;01/10/2026;30/11/2026;1.500,00;1.500,00
1;000000077;;NCC;000002;01;PADARIA PÃO QUENTE ME;05/10/2026;05/10/2026;200,00;200,00
"""
QUICKBOOKS = """Molinos LLC
A/R Aging Detail
As of November 22, 2026

Date,Transaction Type,Num,Customer,Due Date,Amount,Open Balance
91 or more days past due,,,,,,
07/15/2026,Invoice,1001,Amy's Bird Sanctuary,08/14/2026,"$1,239.00","$1,239.00"
Total for 91 or more days past due,,,,,"$1,239.00","$1,239.00"
10/21/2026,Credit Memo,1038,Bill's Windsurf Shop,10/21/2026,"($20.00)","($20.00)"
TOTAL,,,,,"$1,219.00","$1,219.00"
"""
ODOO = """"Number","Invoice Partner Display Name","Invoice/Bill Date","Due Date","Total Signed","Amount Due Signed","Currency"
"INV/2026/0002","Deco Addict","2026-10-05","2026-11-04","242.00","100.00","USD"
"RINV/2026/0001","Deco Addict","2026-10-10","2026-10-10","-60.50","-60.50","USD"
"""
CONTPAQI = """ADMINISTRADORA DEL BAJIO SA DE CV,,,,,
Antigüedad de saldos al 22/Nov/2026,,,,,
,,,,,
Código,Cliente,Folio,Fecha,Vencimiento,Saldo MXN
C001,Ferretera del Bajío,F 1,01/Oct/2026,31/Oct/2026,"12,500.00"
C002,Abarrotes Lupita,F 3,10/Oct/2026,09/Nov/2026,"500.00"
"""
TANGO = """Cód. cliente;Razón social;Tipo comp.;Nro. comprobante;Fecha emisión;Fecha vto.;Importe total;Importe pendiente;Celular
000123;ALMACENES DEL SUR S.R.L.;FAC;A0000300001234;02/10/2026;01/11/2026;"1.234.567,89";"1.234.567,89";(0351) 15-555-1234
000123;ALMACENES DEL SUR S.R.L.;N/C;A0000300000099;15/10/2026;15/10/2026;"-34.567,89";"-34.567,89";(0351) 15-555-1234
;;;;;Total;"1.200.000,00";"1.200.000,00";
"""

ODOO_ES = """"Número","Nombre del contacto a mostrar en la factura",Fecha de factura,Vencimiento,"Total en moneda firmado","Importe adeudado firmado"
"FA-A 00001-00000012","Almacén Ñandú","2026-03-15","2026-04-14","1234.56","1000.00"
"""
SAGE = """A/C,Name,No,Type,Date,Due,Details,Amount,O/S Amount,Currency
ACME01,Acme Bakery,1012,SI,25/03/2026,24/04/2026,Goods,1234.56,1000.00,GBP
ACME01,Acme Bakery,1013,SC,26/03/2026,25/04/2026,Returned,50.00,50.00,GBP
"""
SAGE_ES = """Cód. cliente;Cliente;Serie/Factura;Fecha factura;Fecha vto.;Imp. efecto;Imp. pendiente;Divisa
430001;Panadería López;A/123;15/03/2026;14/04/2026;1.234,56;1.000,00;EUR
"""
DEFONTANA = """RUT Cliente;Nombre Cliente;Tipo Documento;Folio;Fecha Emisión;Fecha Vencimiento;Monto Total;Saldo Pendiente;Moneda
76.086.428-5;Comercial Ñuñoa;FVAELECT;123;15-03-2026;14-04-2026;1.234.567;1.000.000;CLP
76.086.428-5;Comercial Ñuñoa;NCVELECT;124;16-03-2026;15-04-2026;234.567;234.567;CLP
"""


def checked(folder: Path, text: str, currency: str | None, country: str) -> Checked:
    path = folder / "export.csv"
    path.write_bytes(text.encode("cp1252"))
    table, mapping = open_table(path, "documents")
    (found,) = check_table(table, mapping, LoadOptions(currency=currency, country=country))
    return found


@pytest.mark.parametrize(
    ("text", "currency", "country", "documents"),
    [
        (SAP, None, "AR", [("1800000123", "invoice", 1_234_567), ("1600000007", "credit_note", -50_000)]),
        (TOTVS, "BRL", "BR", [("000012345/A", "invoice", 150_000), ("000012345/B", "invoice", 150_000), ("000000077", "credit_note", -20_000)]),
        (QUICKBOOKS, "USD", "US", [("1001", "invoice", 123_900), ("1038", "credit_note", -2_000)]),
        (ODOO, None, "US", [("INV/2026/0002", "invoice", 10_000), ("RINV/2026/0001", "credit_note", -6_050)]),
        (CONTPAQI, None, "MX", [("F 1", "invoice", 1_250_000), ("F 3", "invoice", 50_000)]),
        (TANGO, "ARS", "AR", [("A0000300001234", "invoice", 123_456_789), ("A0000300000099", "credit_note", -3_456_789)]),
        (ODOO_ES, "ARS", "AR", [("FA-A 00001-00000012", "invoice", 100_000)]),
        (SAGE, None, "GB", [("1012", "invoice", 100_000), ("1013", "credit_note", -5_000)]),
        (SAGE_ES, None, "ES", [("A/123", "invoice", 100_000)]),
        (DEFONTANA, None, "CL", [("123", "invoice", 1_000_000), ("124", "credit_note", -234_567)]),
    ],
    ids=["sap", "totvs", "quickbooks", "odoo", "contpaqi", "tango", "odoo_es", "sage", "sage_es", "defontana"],
)  # fmt: skip
def test_an_export_is_read_as_it_comes(
    tmp_path: Path, text: str, currency: str | None, country: str, documents: list[tuple[str, str, int]]
) -> None:
    found = checked(tmp_path, text, currency, country)
    assert found.good.select("document_number", "document_kind", "open_minor").rows() == documents
    assert found.rejected == 0 and "error" not in found.problems["severity"].to_list()


def test_a_negative_amount_without_a_kind_is_a_credit_note_and_says_so(tmp_path: Path) -> None:
    found = checked(tmp_path, ODOO, None, "US")
    assert found.problems.select("row", "code", "found").rows() == [(3, "amount_credit", "-60.50")]


def test_a_column_of_names_beside_one_of_codes_is_the_name(tmp_path: Path) -> None:
    found = checked(tmp_path, CONTPAQI, None, "MX").good
    assert found.select("customer_id", "customer_name").rows()[0] == ("C001", "Ferretera del Bajío")

"""Who lives in the demonstration: invented firms and people, with tax ids that pass their check digit."""

from __future__ import annotations

import random
from collections.abc import Iterator

from stdnum.ar import cuit
from stdnum.co import nit

TRADES = (
    "Almacén", "Autoservicio", "Supermercado", "Kiosco", "Rotisería", "Panadería", "Fiambrería", "Dietética", "Vinoteca",
    "Mercado", "Despensa", "Proveeduría", "Confitería", "Heladería", "Restaurante", "Hotel", "Catering", "Minimercado",
)  # fmt: skip
CALLED = (
    "El Ceibo", "La Calandria", "Tres Lomas", "El Tala", "La Posta", "Los Aromos", "San Telmo", "El Jagüel", "La Vertiente",
    "Piedra Blanca", "El Mirador", "Las Acacias", "La Querencia", "Monte Grande", "El Hornero", "La Estación", "Los Nogales",
    "Rincón Verde", "Agua Clara", "El Quebracho", "La Esquina", "Puente Viejo", "El Molino", "La Ribera", "Cuatro Vientos",
)  # fmt: skip
FORMS = ("S.R.L.", "S.A.", "S.A.S.", "e Hijos", "Hnos.", "S.H.")
FIRST = (
    "Nélida", "Ramiro", "Yamila", "Ezequiel", "Luisina", "Darío", "Maribel", "Wilson", "Yuliana", "Jhon", "Paola", "Óscar",
    "Marcela", "Hernán", "Leidy", "Duván", "Sandra", "Camilo", "Adriana", "Fabián", "Milena", "Rubén", "Tatiana", "Iván",
)  # fmt: skip
LAST = (
    "Ibarra", "Quintero", "Ledesma", "Ospina", "Cardozo", "Zuluaga", "Pedraza", "Villalba", "Restrepo", "Maidana", "Giraldo",
    "Barrios", "Ocampo", "Sepúlveda", "Bustos", "Arango", "Figueroa", "Montoya", "Ojeda", "Duarte", "Cáceres", "Rincón",
)  # fmt: skip
REGIONS_AR = ("AR-C", "AR-B", "AR-X", "AR-S", "AR-M", "AR-T")
REGIONS_CO = ("CO-DC", "CO-ANT", "CO-VAC", "CO-ATL")
_PLAIN = str.maketrans("áéíóúüñÁÉÍÓÚÜÑ", "aeiouunAEIOUUN")


def plain(text: str) -> str:
    """Return the text without accents, in lower case, words joined by points: what an address is made of."""
    return ".".join("".join(c for c in text.translate(_PLAIN).lower() if c.isalnum() or c == " ").split())


def firms(dice: random.Random, count: int) -> Iterator[dict[str, str]]:
    """Yield customers of a wholesaler in Argentina: code, name, CUIT, e-mail, phone, region, language.

    Some have no e-mail and some no phone, as in life; who has neither would be the first case a newcomer meets.
    """
    seen: set[str] = set()
    while len(seen) < count:
        name = f"{dice.choice(TRADES)} {dice.choice(CALLED)} {dice.choice(FORMS)}"
        if name in seen:
            continue
        seen.add(name)
        number = len(seen)
        body = f"30{70_500_000 + number * 7919:08d}"
        email = f"pagos@{plain(name)}.example" if dice.random() < 0.94 else ""
        has_phone = dice.random() < 0.9 or not email
        yield {
            "codigo_cliente": f"A{1000 + number}",
            "razon_social": name,
            "cuit": body + cuit.calc_check_digit(body),
            "email": email,
            "telefono": f"+54 9 11 {5000 + number:04d}-{dice.randint(1000, 9999)}" if has_phone else "",
            "provincia": dice.choice(REGIONS_AR),
            "idioma": dice.choices(("es", "en", "pt"), (95, 3, 2))[0],
        }


def people(dice: random.Random, count: int) -> Iterator[dict[str, str]]:
    """Yield borrowers in Colombia: code, name, NIT, e-mail, mobile, region, language."""
    for number in range(1, count + 1):
        name = f"{dice.choice(FIRST)} {dice.choice(LAST)} {dice.choice(LAST)}"
        body = f"{1_020_300_000 + number * 6007}"
        yield {
            "codigo_cliente": f"P{2000 + number}",
            "nombre": name,
            "nit": body + nit.calc_check_digit(body),
            "email": f"{plain(name)}.{number}@correo.example" if dice.random() < 0.85 else "",
            "telefono": f"+57 3{dice.choice((0, 1, 2))}{dice.randint(0, 9)} {dice.randint(2_000_000, 9_999_999)}",
            "departamento": dice.choice(REGIONS_CO),
            "idioma": "es",
        }

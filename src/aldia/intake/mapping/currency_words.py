"""How files call a currency besides its code: symbols, and names in Spanish, Portuguese and English."""

from typing import Final

from aldia.domain.money import EXPONENTS, LOCAL_NAMES

_CALLED: Final = {
    "ARS": ("AR$", "PESO ARGENTINO", "PESOS ARGENTINOS"),
    "BOB": ("BS.", "BOLIVIANOS"),
    "BRL": ("R$", "REAIS", "REAL", "REAL BRASILEÑO", "REAL BRASILEIRO"),
    "CLP": ("CLP$", "PESO CHILENO", "PESOS CHILENOS"),
    "COP": ("COP$", "PESO COLOMBIANO", "PESOS COLOMBIANOS"),
    "CRC": ("₡",),
    "DOP": ("RD$",),
    "EUR": ("€", "EURO", "EUROS"),
    "GBP": ("£",),
    "GTQ": ("QUETZALES",),
    "HNL": ("LEMPIRAS",),
    "MXN": ("MX$", "MN", "M.N.", "PESO MEXICANO", "PESOS MEXICANOS"),
    "NIO": ("C$",),
    "PEN": ("S/", "S/.", "SOLES", "SOL", "NUEVOS SOLES"),
    "PYG": ("₲", "GS", "GUARANIES", "GUARANÍES"),
    "USD": (
        "US$", "U$S", "U$D", "USD$", "DOL", "DOLAR", "DÓLAR", "DOLARES", "DÓLARES", "DOLAR AMERICANO", "DÓLAR AMERICANO",
        "DOLARES AMERICANOS", "DÓLARES AMERICANOS", "US DOLLAR", "US DOLLARS", "DOLLARS",
    ),
    "UYU": ("$U", "UY$", "PESO URUGUAYO", "PESOS URUGUAYOS"),
}  # fmt: skip
_WORDS: Final = {word: code for code, words in _CALLED.items() for word in words}
KNOWN: Final[dict[str, str]] = {code: code for code in EXPONENTS} | LOCAL_NAMES | _WORDS
SHARED: Final = frozenset({"$", "¥", "L", "Q", "BS", "PES", "PESO", "PESOS"})
"""Symbols and names of several countries: they say nothing by themselves."""

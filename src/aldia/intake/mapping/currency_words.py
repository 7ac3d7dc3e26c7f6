"""How files call a currency besides its code: symbols, and names in Spanish, Portuguese and English."""

from aldia.domain.money import EXPONENTS, LOCAL_NAMES

WORDS = {
    **{"€": "EUR", "£": "GBP", "US$": "USD", "U$S": "USD", "U$D": "USD", "USD$": "USD", "R$": "BRL"},
    **{
        "S/": "PEN",
        "S/.": "PEN",
        "RD$": "DOP",
        "MX$": "MXN",
        "₡": "CRC",
        "₲": "PYG",
        "GS": "PYG",
        "BS.": "BOB",
    },
    **{
        "C$": "NIO",
        "AR$": "ARS",
        "CLP$": "CLP",
        "COP$": "COP",
        "EURO": "EUR",
        "EUROS": "EUR",
        "SOLES": "PEN",
    },
    **{"DOL": "USD", "DOLAR": "USD", "DOLARES": "USD", "DÓLARES": "USD", "REAIS": "BRL", "REAL": "BRL"},
    **{"MN": "MXN", "M.N.": "MXN", "PESO MEXICANO": "MXN", "PESOS MEXICANOS": "MXN", "PESO ARGENTINO": "ARS"},
    **{"PESOS ARGENTINOS": "ARS", "PESO CHILENO": "CLP", "PESOS CHILENOS": "CLP", "PESO COLOMBIANO": "COP"},
    **{"PESOS COLOMBIANOS": "COP", "PESO URUGUAYO": "UYU", "PESOS URUGUAYOS": "UYU", "SOL": "PEN"},
    **{
        "NUEVOS SOLES": "PEN",
        "GUARANIES": "PYG",
        "GUARANÍES": "PYG",
        "BOLIVIANOS": "BOB",
        "QUETZALES": "GTQ",
    },
    **{"LEMPIRAS": "HNL", "REAL BRASILEÑO": "BRL", "REAL BRASILEIRO": "BRL", "DOLAR AMERICANO": "USD"},
    **{"DÓLAR": "USD", "DÓLAR AMERICANO": "USD", "DOLARES AMERICANOS": "USD", "DÓLARES AMERICANOS": "USD"},
    **{"US DOLLAR": "USD", "US DOLLARS": "USD", "DOLLARS": "USD"},
}
KNOWN: dict[str, str] = {code: code for code in EXPONENTS} | LOCAL_NAMES | WORDS
# Symbols of several countries say nothing by themselves.
SHARED = frozenset({"$", "¥", "L", "Q", "BS", "PES", "PESO", "PESOS"})

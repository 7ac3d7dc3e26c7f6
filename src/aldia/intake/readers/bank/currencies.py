"""Currency numbers of ISO 4217 as bank files write them, for the currencies that reach our banks."""

NUMBERS = {
    "008": "ALL", "032": "ARS", "036": "AUD", "068": "BOB", "124": "CAD", "152": "CLP", "156": "CNY", "170": "COP",
    "188": "CRC", "191": "HRK", "203": "CZK", "208": "DKK", "214": "DOP", "320": "GTQ", "340": "HNL", "344": "HKD",
    "348": "HUF", "356": "INR", "376": "ILS", "392": "JPY", "484": "MXN", "504": "MAD", "554": "NZD", "558": "NIO",
    "578": "NOK", "590": "PAB", "600": "PYG", "604": "PEN", "643": "RUB", "702": "SGD", "710": "ZAR", "752": "SEK",
    "756": "CHF", "826": "GBP", "840": "USD", "858": "UYU", "928": "VES", "941": "RSD", "946": "RON", "949": "TRY",
    "975": "BGN", "978": "EUR", "980": "UAH", "985": "PLN", "986": "BRL",
}  # fmt: skip


def code_of(number: str) -> str | None:
    """The letters of a currency number; the number itself where we do not know it."""
    return NUMBERS.get(number, number.strip() or None)

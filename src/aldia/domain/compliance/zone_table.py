"""Which time zones are plausible in a subdivision (ISO 3166-2), as data. Facts of the IANA time zone database.

A subdivision crossed by a zone border lists all its zones: an instant must be lawful in each. Countries without a table
here have one zone, or use every zone of their rule pack.
"""

from collections.abc import Mapping
from typing import Final

Zones = tuple[str, ...]


def _spread(country: str, groups: Mapping[Zones, str]) -> dict[str, Zones]:
    return {f"{country}-{code}": zones for zones, codes in groups.items() for code in codes.split()}


_AR: Final = _spread(
    "AR",
    {
        ("America/Argentina/Buenos_Aires",): "A B C D E F G H J K L M N P Q R S T U V W X Y Z",
    },
)
_BR: Final = _spread(
    "BR",
    {
        ("America/Sao_Paulo",): "DF ES GO MG PR RJ RS SC SP",
        ("America/Bahia",): "BA",
        ("America/Maceio",): "AL SE",
        ("America/Recife", "America/Noronha"): "PE",
        ("America/Fortaleza",): "CE MA PB PI RN",
        ("America/Araguaina",): "TO",
        ("America/Belem",): "AP PA",
        ("America/Manaus", "America/Rio_Branco"): "AM",
        ("America/Boa_Vista",): "RR",
        ("America/Porto_Velho",): "RO",
        ("America/Cuiaba",): "MT",
        ("America/Campo_Grande",): "MS",
        ("America/Rio_Branco",): "AC",
    },
)
_CL: Final = _spread(
    "CL",
    {
        ("America/Santiago",): "AN AP AR AT BI CO LI LL LR ML NB RM TA",
        ("America/Santiago", "Pacific/Easter"): "VS",
        ("America/Coyhaique",): "AI",
        ("America/Punta_Arenas",): "MA",
    },
)
_EC: Final = _spread(
    "EC",
    {
        ("America/Guayaquil",): "A B C D E F G H I L M N O P R S SD SE T U X Y Z",
        ("Pacific/Galapagos",): "W",
    },
)
_ES: Final = _spread(
    "ES",
    {
        ("Europe/Madrid",): (
            "AN AR AS CB CL CM CT EX GA IB MC MD NC PV RI VC "
            "A AB AL AV B BA BI BU C CA CC CO CR CS CU GI GR GU H HU J L LE LO LU M MA MU NA O OR P PM PO S SA SE SG SO SS "
            "T TE TO V VA VI Z ZA"
        ),
        ("Atlantic/Canary",): "CN GC TF",
        ("Africa/Ceuta",): "CE ML",
    },
)
_MX: Final = _spread(
    "MX",
    {
        ("America/Mexico_City",): (
            "AGU CAM CHP CMX COL DIF DUR GRO GUA HID JAL MEX MIC MOR NLE OAX PUE QUE SLP TAB TLA VER YUC ZAC"
        ),
        ("America/Mexico_City", "America/Chicago"): "COA TAM",
        ("America/Mexico_City", "America/Mazatlan"): "NAY",
        ("America/Cancun",): "ROO",
        ("America/Hermosillo",): "SON",
        ("America/Chihuahua", "America/Denver", "America/Chicago"): "CHH",
        ("America/Mazatlan",): "BCS SIN",
        ("America/Tijuana",): "BCN",
    },
)
_US: Final = _spread(
    "US",
    {
        ("America/New_York",): "CT DC DE GA MA MD ME NC NH NJ NY OH PA RI SC VA VT WV",
        ("America/New_York", "America/Chicago"): "FL IN KY MI TN",
        ("America/Chicago",): "AL AR IA IL LA MN MO MS OK WI",
        ("America/Chicago", "America/Denver"): "KS ND NE SD TX",
        ("America/Denver",): "CO MT NM UT WY",
        ("America/Phoenix", "America/Denver"): "AZ",
        ("America/Denver", "America/Los_Angeles"): "ID OR",
        ("America/Los_Angeles", "America/Denver"): "NV",
        ("America/Los_Angeles",): "CA WA",
        ("America/Anchorage", "America/Adak"): "AK",
        ("Pacific/Honolulu",): "HI",
        ("America/Puerto_Rico",): "PR VI",
        ("Pacific/Guam",): "GU MP",
        ("Pacific/Pago_Pago",): "AS",
    },
)

REGION_ZONES: Final[Mapping[str, Mapping[str, Zones]]] = {
    "AR": _AR,
    "BR": _BR,
    "CL": _CL,
    "EC": _EC,
    "ES": _ES,
    "MX": _MX,
    "US": _US,
}

COUNTRY_ZONES: Final[Mapping[str, Zones]] = {
    "BE": ("Europe/Brussels",),
    "CA": (
        "America/St_Johns",
        "America/Halifax",
        "America/Toronto",
        "America/Winnipeg",
        "America/Regina",
        "America/Edmonton",
        "America/Vancouver",
    ),
    "CH": ("Europe/Zurich",),
    "CU": ("America/Havana",),
    "DE": ("Europe/Berlin",),
    "FR": ("Europe/Paris",),
    "HN": ("America/Tegucigalpa",),
    "IT": ("Europe/Rome",),
    "NI": ("America/Managua",),
    "NL": ("Europe/Amsterdam",),
    "PR": ("America/Puerto_Rico",),
    "PT": ("Europe/Lisbon", "Atlantic/Azores"),
    "VE": ("America/Caracas",),
}
"""Countries without a rule pack that debtors of these portfolios live in."""

PHONE_COUNTRIES: Final[Mapping[str, tuple[str, ...]]] = {
    "1": ("US", "CA", "DO", "PR"),
    "1787": ("PR",),
    "1939": ("PR",),
    "1809": ("DO",),
    "1829": ("DO",),
    "1849": ("DO",),
    "31": ("NL",),
    "32": ("BE",),
    "33": ("FR",),
    "34": ("ES",),
    "351": ("PT",),
    "39": ("IT",),
    "41": ("CH",),
    "44": ("GB",),
    "49": ("DE",),
    "51": ("PE",),
    "52": ("MX",),
    "53": ("CU",),
    "54": ("AR",),
    "55": ("BR",),
    "56": ("CL",),
    "57": ("CO",),
    "58": ("VE",),
    "502": ("GT",),
    "503": ("SV",),
    "504": ("HN",),
    "505": ("NI",),
    "506": ("CR",),
    "507": ("PA",),
    "591": ("BO",),
    "593": ("EC",),
    "595": ("PY",),
    "598": ("UY",),
}

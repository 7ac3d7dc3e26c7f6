"""What a short answer of a person seems to say, in Spanish, English and Portuguese: a suggestion, except for a plain «stop».

Words are looked for without accents and case. A message that is nothing but a word to stop (`BAJA`, `STOP`, `SAIR`) is a
decision of the person and holds at once; anything longer is only suggested to whoever reads it.
"""

import re
import unicodedata
from typing import Final

OPT_OUT, PAID, PROMISE, DISPUTE = "opt_out", "already_paid", "promise", "dispute"
WRONG_PERSON, PERSON, YES, NO = "third_party", "call_back", "yes", "no"
HARDSHIP, DECEASED = "hardship", "deceased"

_STOP_WORDS: Final = frozenset(
    {
        "baja", "stop", "alto", "basta", "sair", "parar", "pare", "cancelar", "cancelar suscripcion", "no", "unsubscribe",
        "remover", "end", "quit", "stop all", "stopall", "desuscribir", "descadastrar", "no molestar", "salir", "baja por favor",
    }
    - {"no"}
)  # fmt: skip
_SAYS: Final[tuple[tuple[str, str], ...]] = (
    (
        OPT_OUT,
        r"\b(?:no (?:me )?(?:escriba\w*|molest\w+|llame\w*|contact\w+|mand\w+|envi\w+)|"
        r"dar(?:me)? de baja|dejen de|stop (?:calling|texting|writing)|do not (?:contact|call|"
        r"text|write)|don't (?:contact|call|text|write)|unsubscribe|nao (?:me )?(?:escrev\w+|"
        r"ligu\w+|mand\w+|envi\w+)|parem de|remova)\b",
    ),
    (
        WRONG_PERSON,
        r"\b(?:no soy|numero equivocado|se equivoc\w+|persona equivocada|no (?:lo|la) conozco|"
        r"wrong (?:number|person)|not (?:me|the right)|nao sou|numero errado|engano|falecio|"
        r"fallecio|faleceu)\b",
    ),
    (
        PAID,
        r"\b(?:(?:ya )?(?:pague|abone|transferi|deposite|cancele)|ya (?:esta|lo) pag\w+|(?:hice|"
        r"envio|adjunto|mando) (?:el|la|mi)? ?(?:pago|transferencia|deposito|comprobante)|"
        r"comprobante|(?:i|we) (?:have )?(?:already )?paid|already paid|payment (?:was )?(?:made|"
        r"sent)|(?:ja )?paguei|ja (?:foi|esta) pag\w+|comprovante|fiz (?:o|a) (?:pagamento|"
        r"transferencia|pix))\b",
    ),
    (
        DISPUTE,
        r"\b(?:no (?:debo|reconozco|corresponde|recibi)|no es (?:mio|mia|correcto)|esta mal|"
        r"reclamo|error en|importe (?:mal|incorrecto)|not mine|do not owe|don't owe|wrong amount|"
        r"dispute|incorrect|nao (?:devo|reconheco|recebi)|contest\w+|valor errado)\b",
    ),
    (
        PROMISE,
        r"\b(?:(?:voy a|vamos a) (?:pagar|abonar|transferir)|(?:te |les )?pago (?:el|la|este|en|"
        r"manana|hoy|pasado)|pagare|pagaremos|la semana que viene|a fin de mes|el (?:lunes|martes|"
        r"miercoles|jueves|viernes|sabado)|(?:i|we) (?:will|can|'ll) pay|will pay|paying on|"
        r"next week|vou pagar|pago (?:na|no|ate|dia)|pagarei|semana que vem)\b",
    ),
    (
        PERSON,
        r"\b(?:hablar con|llam(?:e|en)me|me (?:llama|llaman)|puede\w* llamar|una persona|"
        r"un asesor|asesor|call me|speak (?:to|with)|talk to|human|agent|falar com|me lig\w+|"
        r"atendente)\b",
    ),
)
_COMPILED: Final = tuple((key, re.compile(words)) for key, words in _SAYS)
_YES: Final = frozenset(
    {
        "si",
        "sip",
        "ok",
        "dale",
        "acepto",
        "de acuerdo",
        "yes",
        "yep",
        "sim",
        "aceito",
        "confirmo",
        "listo",
        "s",
        "y",
    }
)
_NO: Final = frozenset({"no", "nop", "nao", "n", "no acepto", "no gracias"})


def folded(text: str) -> str:
    """Return a text in lower case, without accents, with single blanks."""
    plain = unicodedata.normalize("NFKD", text.lower().replace("’", "'"))
    return " ".join("".join(each for each in plain if not unicodedata.combining(each)).split())


def is_stop(text: str) -> bool:
    """Return whether the whole message is a word to stop: then nobody has to read it to obey."""
    return folded(text).strip(" .!¡*#\"'") in _STOP_WORDS


def says(key: str, text: str) -> bool:
    """Return whether a text has words of that meaning (`opt_out`, `already_paid` …), whatever else it says."""
    said = folded(text)
    return any(name == key and pattern.search(said) for name, pattern in _COMPILED)


def seems(text: str) -> str:
    """Return what a message seems to say (`opt_out`, `already_paid`, `promise` …), empty when nothing is recognised."""
    said = folded(text)
    bare = said.strip(" .!¡¿?*#\"'")
    if is_stop(text):
        return OPT_OUT
    if bare in _YES:
        return YES
    if bare in _NO:
        return NO
    return next((key for key, pattern in _COMPILED if pattern.search(said)), "")

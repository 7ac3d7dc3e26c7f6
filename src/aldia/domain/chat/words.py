"""What people ask a collection bot for, in Spanish, English and Portuguese: words without accents, in lower case.

`domain.replies` knows what a whole letter seems to say; a dialogue needs more meanings, and all of those that a message has.
"""

import re
from enum import StrEnum
from typing import Final


class Intent(StrEnum):
    """What a message asks for. One message may have several; the dialogue decides which comes first."""

    STOP = "stop"
    CARE = "care"  # danger, illness, grief, no means: a person, with care
    HOSTILE = "hostile"
    LAWYER = "lawyer"
    DECEASED = "deceased"
    PERSON = "person"
    WRONG_PERSON = "wrong_person"
    DISPUTE = "dispute"
    PAID = "paid"
    PLAN = "plan"
    PROMISE = "promise"
    PAY = "pay"
    BALANCE = "balance"
    WHO = "who"
    BACK = "back"
    GREETING = "greeting"
    YES = "yes"
    NO = "no"


WORDS: Final[tuple[tuple[Intent, str], ...]] = (
    (
        Intent.STOP,
        r"\b(?:ya no (?:me )?(?:escriba\w*|llame\w*|molest\w+|contact\w+|mand\w+)|dejen? de (?:escribir|llamar|molestar|contactar)\w*"
        r"|no (?:quiero|deseo) (?:que me (?:escriban|llamen|contacten)|(?:recibir )?mas (?:mensajes|llamadas|avisos))"
        r"|no mas mensajes|borren? mi (?:numero|telefono)|sacame de la lista|quiero (?:la|darme de) baja|denme de baja"
        r"|(?:stop|quit) (?:messaging|contacting|bothering|sending)|leave me alone|remove me|take me off|no more messages"
        r"|opt ?out|cease (?:contact|and desist)|nao quero (?:mais )?(?:receber|mensagens|que me)|pare(?:m)? de|me deixe em paz"
        r"|tire(?:m)? meu numero|nao (?:me )?perturb\w+|me descadastr\w+)",
    ),
    (
        Intent.CARE,
        r"\b(?:suicid\w+|me quiero morir|quiero morir(?:me)?|no quiero vivir|quitarme la vida|matarme|sin ganas de vivir|no aguanto mas"
        r"|kill myself|end my life|want to die|self.?harm|hurt myself|me matar|quero morrer|tirar minha vida|nao aguento mais"
        r"|te voy a (?:matar|encontrar|romper)|los voy a (?:matar|quemar|encontrar)|voy a quemar|i(?:'ll| will) (?:kill|find|hurt) you"
        r"|vou te (?:matar|achar|pegar)|vou (?:matar|quebrar)|perdi (?:mi|el|o|meu) (?:trabajo|empleo|trabalho|emprego)"
        r"|sin (?:trabajo|empleo|ingresos)|desemplead[oa]|desempregad[oa]|sem (?:trabalho|emprego|renda)|(?:lost|losing) my job|unemployed"
        r"|laid off|cancer|hospital\w*|internad[oa]|enferm[oa]|enfermedad|quimioterapia|doente|doenca|(?:very )?(?:sick|ill)\b|surgery"
        r"|discapacidad|disabled|no (?:tengo|alcanza) para (?:comer|vivir|los remedios)|cant afford food|can't afford (?:food|rent)"
        r"|nao tenho (?:o que comer|dinheiro para comer)|depresion|depressao|depressed|violencia|abuso|me embarg\w+|quiebra|bankrupt\w*)",
    ),
    (
        Intent.HOSTILE,
        r"\b(?:hij[oa]s? de (?:puta|perra)|put[oa]s?\b|mierda|idiotas?|imbecil(?:es)?|estupid[oa]s?|ladrones|ladron|chorros|ratas|basura\b"
        r"|pelotud[oa]s?|bolud[oa]s?|pendej[oa]s?|cabron(?:es)?|malparid[oa]s?|vayanse a|carajo|estafador(?:es)?"
        r"|fuck\w*|shit\w*|bitch\w*|asshole\w*|bastards?|idiots?|thieves|scammers?\b|moron\w*|go to hell|screw you"
        r"|merda|porra|caralho|idiota|filh[oa]s? da puta|ladroes|ladrao|vagabund[oa]s?|golpistas?|otari[oa]s?|vai se)",
    ),
    (
        Intent.LAWYER,
        r"\b(?:(?:mi|un) abogad[oa]|abogad[oa]s?|denunci\w+|demand(?:a|ar|are|o)\b|defensa del consumidor|acoso|carta documento|habeas data"
        r"|lawyer|attorney|solicitor|(?:sue|suing) you|legal action|harass\w+"
        r"|ombudsman|advogad[oa]s?|procon|processar|assedio|reclame aqui)",
    ),
    (
        Intent.DECEASED,
        r"\b(?:fallecio|murio|ha muerto|difunt[oa]|fallecid[oa]|passed away"
        r"|(?:has|is|he|she) died|deceased|is dead|faleceu|morreu|falecid[oa])\b",
    ),
    (
        Intent.PERSON,
        r"\b(?:hablar con (?:alguien|un|una|el|la)\b|una persona|persona real|un humano|(?:un|una) (?:asesor|agente|operador|ejecutiv)\w*"
        r"|operador[a]?|atencion humana|que me llamen|llamenme|me pueden llamar|real person|human being|a human|someone real|an? agent"
        r"|representative|(?:speak|talk) (?:to|with)|call me|falar com|atendente"
        r"|uma pessoa|^(?:(?:con|com) )?(?:persona|human[oa]?|person|pessoa|agente?|asesor[a]?)$|um humano|me lig(?:a|ue|uem)\b|pessoa de verdade)",
    ),
    (
        Intent.WRONG_PERSON,
        r"\b(?:no soy (?!quien|un robot)|numero equivocado|se equivoc\w+ de|persona equivocada|no (?:lo|la) conozco|aqui no vive"
        r"|wrong (?:number|person)|not me\b|nao sou (?!quem)|numero errado|pessoa errada|foi engano|nao conheco)",
    ),
    (
        Intent.DISPUTE,
        r"\b(?:no (?:reconozco|corresponde|estoy de acuerdo|es mi[oa])|no debo|no me (?:llego|entregaron)|nunca (?:compre|recibi|contrate)"
        r"|ya (?:lo )?devolvi|esta mal (?:el|la|cobrado)|(?:hay|tiene) un error|me cobran de mas|defectuos[oa]|vino (?:rot[oa]|fallad[oa])"
        r"|reclamo|queja|(?:do not|don't|dont) (?:agree|recogni[sz]e|owe)"
        r"|never (?:bought|received|ordered|signed)|wrong amount|overcharg\w+"
        r"|faulty|broken|complaint|problem with|i disagree"
        r"|nao (?:concordo|reconheco|devo|e meu|e minha|chegou)|nunca (?:comprei|recebi|contratei)"
        r"|valor errado|cobranca indevida|com defeito|veio quebrad[oa]|reclamacao|problema com)",
    ),
    (
        Intent.PAID,
        r"\b(?:ya (?:lo )?(?:pague|pago|abone|transferi|deposite|esta pag\w+)"
        r"|(?:pague|abone|transferi|deposite)\b|hice (?:el|la|un|una) (?:pago|transferencia|deposito)"
        r"|comprobante|recibo de pago|(?:i|we|i've|have) (?:already )?(?:paid|sent the (?:money|payment)|transferred)"
        r"|already paid|(?<!get )paid (?:it|yesterday|on|last)"
        r"|proof of payment|receipt|(?:ja )?paguei|ja (?:foi|esta) pag[oa]|comprovante"
        r"|fiz (?:o|a|um|uma) (?:pagamento|transferencia|pix|deposito)|transferi\b)",
    ),
    (
        Intent.PLAN,
        r"\b(?:cuotas?|plan de pagos?|en partes|refinanci\w+|financiar|acuerdo de pago|pagar de a poco|facilidades|descuento|quita\b"
        r"|instal?lments?|payment plan|(?:pay|split) (?:it )?in parts|monthly payments?|discount|settle(?:ment)?|arrangement"
        r"|parcel(?:a|as|ar|amento|ado)\b|em vezes|\d+ ?(?:x\b|veces|vezes)|desconto|renegoci\w+|negociar|acordo\b)",
    ),
    (
        Intent.PROMISE,
        r"\b(?:(?:voy|vamos) a (?:pagar|abonar|transferir|depositar)"
        r"|(?:lo |te |les |la )?pago (?:el|la|este|en|manana|hoy|pasado|a fin|todo|\d)"
        r"|pagare\b|puedo pagar|quiero pagar|podria pagar|prometo|me comprometo"
        r"|cobro (?:el|a fin|manana)|elegir (?:una|otra) fecha|otra fecha|mas tiempo|necesito tiempo"
        r"|(?:i|we)(?:'ll| will| can| could| am going to) pay|i promise"
        r"|pay (?:on|by (?!card|credit|debit)|you|half|\d|tomorrow|next|in full)|i get paid|choose a date|more time|another date"
        r"|vou pagar|posso pagar|quero pagar|pago (?:na|no|ate|dia|amanha|hoje|tudo|metade|r\$)"
        r"|pagarei|prometo|recebo (?:no|dia|na)|escolher (?:uma )?data|mais tempo|outra data)",
    ),
    (
        Intent.PAY,
        r"\b(?:(?:como|donde) (?:puedo )?pag(?:o|ar|arlo)|(?:link|enlace) (?:de|para) pag(?:o|ar)"
        r"|pagar(?:lo)? (?:ahora|ya)|medios de pago|cbu|alias\b|codigo de barras"
        r"|(?:how|where) (?:do|can) i pay|pay (?:it )?now|payment link|pay (?:by|with) card"
        r"|como (?:eu )?pag(?:o|ar)|onde pag(?:o|ar)|pagar agora|boleto|pix\b|link de pagamento"
        r"|^(?:pagar|pago|pay|paying|pagamento)$)",
    ),
    (
        Intent.BALANCE,
        r"\b(?:cuanto (?:debo|es|tengo|falta|me)|saldo|mi deuda|que debo|estado de cuenta"
        r"|detalle|how much|what do i owe|balance|my debt|statement|amount due"
        r"|quanto (?:devo|e|tenho|falta)|minha divida|o que (?:eu )?devo|extrato|valor da divida)",
    ),
    (
        Intent.WHO,
        r"\b(?:quien(?:es)? (?:eres|sos|son|es|habla|me escribe)|de parte de quien|eres un (?:robot|bot)"
        r"|sos un (?:robot|bot)|es (?:una estafa|esto real)|de donde (?:son|sacaron)"
        r"|who (?:are|is) (?:you|this)|are you (?:a )?(?:robot|bot|real|human)|is this (?:a scam|real|legit)"
        r"|quem (?:e|sao|fala|esta)|voce e (?:um )?rob[oô]|e golpe|que empresa)",
    ),
    (Intent.BACK, r"^(?:menu|inicio|volver|atras|ayuda|opciones|back|help|options|start over|voltar|ajuda|opcoes|comecar)\W*$"),
    (
        Intent.GREETING,
        r"^(?:hola|buen[oa]s?(?: (?:dias|tardes|noches|dia))?|que tal|hi|hello|hey"
        r"|good (?:morning|afternoon|evening)|oi|ola|bom dia|boa (?:tarde|noite)"
        r"|gracias|muchas gracias|thanks?(?: you)?|obrigad[oa])\b",
    ),
    (
        Intent.NO,
        r"^(?:no|nop|nope|nao|n|mejor no|not? (?:now|yet|really)|ahora no|agora nao"
        r"|todavia no|ninguna?|nenhuma?)(?:$|[ ,.!]| gracias| thanks| obrigad[oa])",
    ),
    (
        Intent.YES,
        r"^(?:si|sip|sii+|claro|dale|ok|okay|okey|de acuerdo|acepto|confirmo|correcto|perfecto|listo|vale|bueno|por supuesto|exacto|s"
        r"|yes|yep|yeah|sure|correct|confirm(?:ed)?|agreed?|fine|right|y|sim|isso"
        r"|pode ser|aceito|certo|beleza|combinado|com certeza|confirmado)(?:$|[ ,.!])",
    ),
)  # fmt: skip
"""In no order: a message has every meaning whose words it has."""

COMPILED: Final = tuple((intent, re.compile(words)) for intent, words in WORDS)

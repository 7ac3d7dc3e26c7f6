"""The manual's chapters of whoever decides: strategies, the laboratory, campaigns and indicators."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aldia.web.desk.manual.topics import Chapter, Topic

_STRATEGIES: Final = Chapter(_("Las estrategias"), (
    Topic(("estrategias/",), _("Estrategias"), _(
        "Qué se hace con cada deuda, cuándo y por qué canal, en una línea de tiempo que va desde antes del vencimiento hasta lo legal. "
        "Debajo, las últimas noches con lo que decidieron. Una versión publicada no cambia nunca: se publica otra.")),
    Topic(("estrategias/<clave>/disenar/", "estrategias/<clave>/texto/", "estrategias/<clave>/pasos/", "estrategias/catalogo/"),
        _("Diseñar y publicar"), _(
        "Toma una del catálogo y cambia sus tarjetas, o escribe el mismo documento como texto: las dos vistas son una. Los problemas se "
        "señalan en su lugar, también los pasos que la ley del país retendría siempre. Si tu organización lo pide, publica otra persona.")),
    Topic(("estrategias/<clave>/versiones/",), _("Versiones"), _(
        "Cada versión publicada, quién, cuándo y qué cambió respecto de la anterior. Así se sabe qué regía un día cualquiera.")),
    Topic(("estrategias/hoy/", "estrategias/noches/"), _("Qué pasaría hoy, y qué pasó cada noche"), _(
        "Antes de que corra: cuántos avisos, llamadas y cambios, y por qué; nada se escribe. De cada noche quedan las mismas cuentas y lo "
        "retenido, por regla.")),
    Topic(("estrategias/segmentos/",), _("Segmentos"), _(
        "Grupos de clientes dichos con una regla, por filas o como texto, con la cuenta al momento. Guardan su historia: quién estaba "
        "dentro un día pasado y cuánto se pisan dos segmentos.")),
    Topic(("estrategias/vocabulario/",), _("Vocabulario de las reglas"), _(
        "Todo lo que una regla puede nombrar, con su tipo y su unidad. También las columnas de tus archivos: declara una y sirve en "
        "estrategias y segmentos.")),
    Topic(("estrategias/propuestas/",), _("Propuestas por aprobar"), _(
        "Castigos y otras decisiones que una estrategia propone y una persona aprueba o rechaza, con su motivo.")),
    Topic(("estrategias/documentos/",), _("Políticas y planes de cobranza"), _(
        "Lo que tu organización decidió, escrito, con dueño, versión y fecha. Cada cambio se compara con el anterior; un plan se mide "
        "contra lo que pasó.")),
))  # fmt: skip

_LAB: Final = Chapter(_("El laboratorio"), (
    Topic(("estrategias/<clave>/ensayo/",), _("Ensayo"), _(
        "Los próximos días de una versión o del borrador sobre la cartera de hoy: volumen por canal, costo, horas de gente contra las que "
        "hay, y diez casos paso por paso.")),
    Topic(("estrategias/<clave>/historia/",), _("Repetir la historia"), _(
        "Las noches pasadas decididas otra vez, con lo que se sabía entonces. Con la versión que de verdad corrió, debe dar lo mismo que el "
        "registro; con otra, muestra qué habría cambiado.")),
    Topic(("estrategias/<clave>/simulacion/",), _("Simulación"), _(
        "Muchos días hacia adelante con clientes que responden como respondieron los tuyos: cuánto se recuperaría y con cuánta duda. Si la "
        "historia es poca, lo dice en lugar de inventar.")),
    Topic(("estrategias/experimentos/",), _("Experimentos"), _(
        "Dos versiones a la vez, con un grupo de control y el tamaño calculado antes de empezar. Puedes mirarlo todos los días sin "
        "engañarte; el veredicto llega en palabras.")),
    Topic(("estrategias/puntaje/", "estrategias/laboratorio/"), _("Puntaje y costo del trabajo"), _(
        "Cuánto se espera recuperar por minuto en cada caso, con sus razones y con el error medido en casos que el puntaje no vio. En los "
        "costos se dice cuánto lleva cada tarea y cuánto vale cada envío.")),
))  # fmt: skip

_MEASURE: Final = Chapter(_("Campañas e indicadores"), (
    Topic(("campanas/",), _("Campañas"), _(
        "Qué fue de los avisos de cada noche: en cola, enviado, entregado, leído, contestado, pagado; y lo que no salió, por motivo. Se "
        "puede frenar, pausar o detener cada una. «Sin acuse» junta lo que vence y nadie confirmó haber recibido.")),
    Topic(("indicadores/",), _("Tablero"), _(
        "Lo vencido por edad, los días de cobro, la efectividad y las promesas, con su fórmula, su tendencia y las filas que suman cada "
        "cifra. Elige período, cartera y moneda: las monedas nunca se suman. Se baja como planilla.")),
    Topic(("indicadores/cortes/",), _("Cortes"), _(
        "Lo mismo, partido por cartera, etapa, lugar, gestor, equipo o una columna de tus archivos, como el producto. Se guarda al cierre "
        "de cada día.")),
    Topic(("indicadores/personas/", "indicadores/proceso/"), _("Personas y proceso"), _(
        "Qué hizo y qué trajo cada persona; cuánto se tarda en llegar al cliente y en cobrar, quién queda olvidado, dónde espera el trabajo "
        "y qué cuesta cada canal.")),
    Topic(("indicadores/calidad/",), _("Trato y calidad"), _(
        "Lo que opinan los clientes y cómo se los trató, al lado de lo que se recuperó: las dos cosas cuentan. Cada semana una muestra "
        "justa de gestiones se revisa con criterios escritos; quien las hizo lee su revisión y puede responder una vez.")),
    Topic(("indicadores/rodamiento/",), _("Rodamiento"), _(
        "De lo que había en cada tramo de atraso al empezar el mes, cuánto se pagó, cuánto quedó y cuánto pasó al siguiente.")),
    Topic(("indicadores/objetivos/",), _("Objetivos"), _(
        "Lo que se espera del mes para la organización, una cartera, un equipo o una persona, y cuánto va. Cambiar uno deja su versión "
        "anterior.")),
    Topic(("indicadores/seguro/",), _("Seguro de crédito"), _(
        "Qué parte de lo que se debe está cubierta y hasta qué día se puede declarar cada falta de pago.")),
))  # fmt: skip

DECIDING: Final = (_STRATEGIES, _LAB, _MEASURE)

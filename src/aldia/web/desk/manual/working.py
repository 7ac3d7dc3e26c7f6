"""The manual's chapters of whoever speaks with clients: the day, the client, what was agreed, the conversations."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aldia.web.desk.manual.topics import Chapter, Topic

_DAY: Final = Chapter(_("El día"), (
    Topic(("hoy/",), _("Hoy: el caso que sigue"), _(
        "Trae un caso por vez, el que más conviene ahora, con el motivo a la vista. Llama, anota el resultado con su letra y aparece el "
        "siguiente: no hace falta volver a la lista. «Saltar» lo deja para más tarde; «Pausar» lo suelta para el resto del equipo. La "
        "cola completa muestra el orden y por qué cada caso está donde está.")),
    Topic(("agenda/",), _("Agenda"), _(
        "Las llamadas, visitas y tareas con fecha, día por día; lo atrasado va primero. Márcalas como hechas o muévelas a otro día "
        "escribiendo «mañana», «el lunes» o una fecha. Quien supervisa mira la agenda de cualquiera.")),
    Topic(("visitas/",), _("Visitas"), _(
        "La ruta de quien cobra en la calle, ordenada por cercanía. El resultado se guarda en el teléfono aunque no haya señal y sube "
        "cuando vuelve. Se puede agregar foto y posición.")),
    Topic(("alarmas/",), _("Alarmas"), _(
        "Lo que nadie debería tener que buscar: promesas que vencen o se rompen, deudas nuevas e importantes, disputas sin respuesta, "
        "documentos por prescribir, tareas atrasadas. Cada una dice qué conviene hacer. Se puede posponer hasta un día o pasar a otra "
        "persona; lo resuelto se puede reabrir.")),
    Topic(("novedades/",), _("Novedades y resumen"), _(
        "Lo que pasó mientras no mirabas: pagos, respuestas, alarmas. El resumen de la mañana llega a la hora que elijas con lo que "
        "entró en mora, lo que empeoró y lo que se regularizó.")),
    Topic(("buscar/", "fecha/"), _("Buscar y hacer"), _(
        "Con Ctrl K, desde cualquier página: un cliente por nombre, identificación, teléfono, correo o número de factura; o una acción, "
        "como «registrar un pago». Donde se pide una fecha puedes escribir «viernes», «fin de mes» o «+10».")),
))  # fmt: skip

_CLIENT: Final = Chapter(_("Los clientes"), (
    Topic(("clientes/",), _("La lista y la ficha del cliente"), _(
        "La lista se filtra por atraso, etapa, gestor, cartera o monto, y cada filtro queda en la dirección: guárdala como vista o "
        "compártela. La ficha reúne lo que debe, por qué toca ahora, por dónde se puede contactar en este momento y toda su historia.")),
    Topic(("clientes/<id>/resultado/", "resultados/", "clientes/<id>/proximo-paso/", "clientes/<id>/nota/"), _("Anotar un resultado"), _(
        "Cada resultado tiene su letra y pide solo lo que hace falta: una promesa, su fecha y su monto; una disputa, el motivo. Siempre "
        "queda un próximo paso con fecha. Si te equivocaste, deshazlo desde el aviso que aparece o desde la historia.")),
    Topic(("clientes/<id>/llamar/", "clientes/<id>/llamada/", "llamadas/"), _("Llamar desde la ficha"), _(
        "Antes de marcar se pregunta a la ley: si ahora no se puede, dice cuándo. La duración entra sola en el resultado. Si se graba, "
        "se avisa al cliente primero, y cada vez que alguien escucha la grabación queda anotado.")),
    Topic(("clientes/<id>/enviar/", "clientes/<id>/estado-de-cuenta", "clientes/<id>/paz-y-salvo"), _("Enviar el reclamo o el estado de cuenta"), _(
        "Elige los documentos y el canal: el mensaje sale ya o en el primer momento permitido, con el PDF y el enlace para pagar. El paz "
        "y salvo solo se puede bajar cuando no se debe nada.")),
    Topic(("clientes/<id>/datos/", "clientes/<id>/documento/", "clientes/<id>/condiciones/"), _("Datos de contacto y condiciones"), _(
        "Corrige o retira teléfonos y correos; lo retirado no se vuelve a usar y queda en la historia. En las condiciones van sus días de "
        "pago y lo que pide para pagar, como la orden de compra: las promesas proponen su próximo día de pago.")),
    Topic(("clientes/<id>/valores/", "clientes/<id>/responden/"), _("Cheques, pagarés y quienes responden"), _(
        "Cada valor tiene su estado: en cartera, depositado, rechazado, protestado, reemplazado. Las fechas que la ley cuenta desde el "
        "vencimiento se calculan solas y avisan antes. Garantes y codeudores se anotan por documento.")),
    Topic(("clientes/<id>/pausa/", "clientes/<id>/asignar/", "clientes/<id>/etapa/"), _("Pausar, asignar y cambiar de etapa"), _(
        "Una pausa detiene la estrategia de ese cliente hasta un día y con un motivo. Asignar cambia quién lo lleva; la etapa decide qué "
        "pasos le tocan. Todo queda en la historia, con quién y por qué.")),
    Topic(("clientes/<id>/estrategia/", "clientes/<id>/regla/"), _("Por qué sí y por qué no"), _(
        "Paso por paso: lo que la estrategia hizo, lo que retuvo y lo que todavía no tocaba, con la versión que regía cada día. «Ver la "
        "regla» muestra la norma que permite o impide cada canal ahora mismo.")),
    Topic(("clientes/<id>/historia", "clientes/<id>/evidencia/", "archivos/"), _("Historia y evidencia"), _(
        "Todo lo que pasó con el cliente en una sola línea de tiempo; se baja como planilla. La evidencia es un ZIP firmado con cada "
        "contacto hecho o retenido y su regla: quien lo reciba lo verifica sin conexión.")),
    Topic(("clientes/gesto/", "clientes/vistas/", "clientes/exportar/"), _("Gestos sobre muchos clientes"), _(
        "Selecciona filas o toda la lista filtrada y asigna, pausa o envía. Antes de hacerlo ves cuántos son, cuánto deben y a cuáles no se "
        "les puede escribir hoy. Si la selección cambió mientras mirabas, no se hace nada y se avisa. Se puede deshacer."), is_page=False),
    Topic(("clientes/duplicados/",), _("Clientes repetidos"), _(
        "Los pares que parecen la misma persona, con lo que habla a favor y en contra. Unirlos junta sus historias sin borrar nada y se "
        "puede deshacer; «son distintos» los deja de mostrar.")),
))  # fmt: skip

_AGREED: Final = Chapter(_("Lo acordado"), (
    Topic(("compromisos/", "clientes/<id>/promesa/"), _("Promesas"), _(
        "Las que vencen hoy, las atrasadas y las que vienen. Mientras una promesa espera, los avisos de esos documentos se detienen. Se "
        "cumple o se rompe sola, según los pagos que entran y la tolerancia de tu política.")),
    Topic(("compromisos/planes/",), _("Planes de pago"), _(
        "Cada plan con lo pagado y su próxima cuota. Una cuota que falta avisa, y pasa lo que dice el acuerdo: nada automático que no "
        "esté escrito en él.")),
    Topic(("compromisos/acuerdos/", "clientes/<id>/acuerdo/"), _("Acuerdos con descuento o refinanciación"), _(
        "Elige una de las ofertas que permite la política o arma una propia; ves las cuotas antes de ofrecer. Lo que pasa de tu permiso "
        "espera la aprobación de otra persona. El cliente acepta en su página o por teléfono, y queda quién, cuándo y cómo.")),
    Topic(("compromisos/disputas/",), _("Disputas"), _(
        "Lo que un cliente no reconoce, con su motivo, quién debe responder y hasta cuándo. Mientras tanto los avisos de ese documento "
        "están en pausa. Si el cliente tenía razón, la deuda se corrige con una reversión, nunca borrando.")),
))  # fmt: skip

_TALK: Final = Chapter(_("Las conversaciones"), (
    Topic(("respuestas/",), _("Conversaciones"), _(
        "Lo que contestan los clientes por correo, SMS o WhatsApp, con un resultado y un próximo paso sugeridos. Al tomar una, los demás "
        "ven que la tienes. Lo que no se sabe de quién es espera en «sin identificar»: nada se pierde.")),
    Topic(("buzon/",), _("Buzón"), _(
        "Cada mensaje como lo ve quien lo recibe, también los de prueba, que no salen del equipo. En «salida» están los que esperan, los "
        "retenidos con su motivo y los que quedaron sin confirmar: pregunta al proveedor o di lo que sabes. «Detener todo» para los "
        "envíos en segundos.")),
))  # fmt: skip

WORKING: Final = (_DAY, _CLIENT, _AGREED, _TALK)

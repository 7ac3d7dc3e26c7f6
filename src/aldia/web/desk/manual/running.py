"""The manual's chapters of whoever runs the house: files, settings, channels, people, what is kept."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aldia.web.desk.manual.topics import Chapter, Topic

_DATA: Final = Chapter(_("Los datos"), (
    Topic(("importar/",), _("Importar"), _(
        "Suelta una planilla, facturas electrónicas o un ZIP. Se propone qué es cada columna y se recuerda por origen; antes de confirmar "
        "ves cuántas filas son nuevas, cuántas cambian y cuáles se rechazan, con el arreglo de cada una. El mismo archivo dos veces no "
        "cambia nada, y la última carga de un origen se puede deshacer.")),
    Topic(("auditoria/",), _("Auditoría"), _(
        "Quién hizo qué y cuándo, encadenado: si alguien tocara una línea, se notaría. Filtra por persona, por acción o por objeto.")),
))  # fmt: skip

_HOUSE: Final = Chapter(_("La organización"), (
    Topic(("ajustes/", "organizacion/", "reloj/"), _("Ajustes"), _(
        "Nombre, idioma, huso horario y país; si publicar una estrategia pide dos personas; y el botón que detiene todos los mensajes. En "
        "una organización de prueba, el reloj puede pasar al día siguiente para ver qué ocurre.")),
    Topic(("ajustes/habitos/",), _("Cuatro hábitos"), _(
        "El asistente de los primeros días: revisión diaria, atención por monto y atraso, responsable de cada cliente y un plan por clase "
        "de deuda. Cada interruptor dice qué cambiaría antes de encenderlo.")),
    Topic(("ajustes/carteras/", "ajustes/acreedores/"), _("Carteras y acreedores"), _(
        "De cada cartera: país, clase de deuda y de deudor, quién manda sobre los saldos, orden en que se aplican los pagos y estrategia. "
        "Si falta un dato que la ley necesita, se dice y se aplica lo más estricto.")),
    Topic(("ajustes/cobro/",), _("Cobro en línea"), _(
        "Por dónde paga el cliente desde su enlace: una pasarela, o una transferencia con la referencia que el banco devuelve. Prueba "
        "cada forma con un pago de ensayo antes de encenderla. Nunca se le cobra de más por pagar.")),
    Topic(("ajustes/agencias/",), _("Agencias y estudios"), _(
        "Quién cobra afuera, con su comisión, cada cuánto debe contar lo que hace y quién responde por ella en la casa. Se comparan por lo "
        "recuperado, lo que cuestan y sus reclamos. Cada una entra por su propia ventana y ve solo lo que se le dio.")),
    Topic(("ajustes/prestamos/",), _("Productos de préstamo"), _(
        "Qué carteras prestan y con qué términos por defecto: sistema, tasa, cargos, seguro y días de gracia.")),
    Topic(("ajustes/negociacion/",), _("Negociación"), _(
        "Qué se puede ofrecer a cada segmento: descuento, cuotas, entrega inicial, y hasta dónde llega cada rol sin pedir permiso. Lo que "
        "escribas se prueba al lado antes de guardarlo como versión nueva.")),
    Topic(("ajustes/resultados/",), _("Resultados de gestión"), _(
        "El árbol de resultados: nombre, letra, lo que pide y el próximo paso que deja. Cambiarlo no toca lo ya anotado.")),
    Topic(("ajustes/alarmas/", "ajustes/feriados/", "ajustes/cotizaciones/"), _("Alarmas, feriados y cotizaciones"), _(
        "A los cuántos días suena cada alarma; los días en que tu organización no trabaja, además de los feriados del país; y el valor de "
        "las monedas y unidades como la UF, con su fecha.")),
    Topic(("ajustes/personas/", "ajustes/permisos/"), _("Personas y permisos"), _(
        "Quién trabaja aquí, con qué rol y en qué equipo. Una ausencia nombra a quien reemplaza; el traspaso entrega todos los casos de "
        "una vez. La tabla de permisos se puede imprimir.")),
))  # fmt: skip

_CONTACT: Final = Chapter(_("Cómo se contacta"), (
    Topic(("ajustes/normas/",), _("Normas de contacto"), _(
        "La ley de cada país que usa aldia, con su fuente, y la pregunta «¿puedo contactar a este cliente ahora?». Tu organización puede "
        "sumar reglas propias que restrinjan más, con motivo y responsable; ninguna puede aflojar la ley.")),
    Topic(("ajustes/plantillas/",), _("Plantillas"), _(
        "El texto de cada aviso por canal, idioma y trato, con versiones y una segunda persona que aprueba. La vista previa muestra los "
        "peores casos: nombres larguísimos, montos enormes. Se avisa si falta algo que la ley pide o si el tono no es amable.")),
    Topic(("ajustes/canales/", "ajustes/proveedor/", "ajustes/llamadas/"), _("Canales"), _(
        "Por dónde sale cada canal, cómo anda y a qué ritmo va. Carga tu servidor de correo o tu proveedor, mándate una prueba y recién "
        "entonces enciéndelo. Las claves se guardan cifradas y no se vuelven a mostrar.")),
    Topic(("ajustes/en-vivo/",), _("Pasar a en vivo"), _(
        "Lo que falta para escribir a clientes de verdad, con dónde se repara cada cosa, y cuánto saldría la primera noche. Lo ensayado "
        "en prueba no cuenta como contacto. Siempre se puede detener todo.")),
    Topic(("ajustes/asistente/",), _("Asistente"), _(
        "Contesta por WhatsApp, SMS y la página del cliente: verifica quién es antes de decir nada, toma promesas dentro de la política y "
        "pasa a una persona cuando se lo piden. Pruébalo con un cliente inventado antes de encenderlo.")),
))  # fmt: skip

_SYSTEMS: Final = Chapter(_("Otros sistemas"), (
    Topic(("ajustes/avisos/",), _("Avisos a sistemas"), _(
        "A qué dirección se cuenta lo que pasa aquí, firmado, y qué se contó últimamente. Lo que no se pudo entregar se intenta otra vez.")),
    Topic(("ajustes/enlace/",), _("Enlace contable"), _(
        "Trae lo que se debe de tu sistema contable y asienta allá lo cobrado, sin contar nada dos veces. Prueba la conexión antes de "
        "guardarla.")),
    Topic(("ajustes/api/",), _("API"), _(
        "Llaves para que otro programa lea y escriba con permisos acotados. Cada una se muestra una sola vez y se puede revocar.")),
))  # fmt: skip

RUNNING: Final = (_DATA, _HOUSE, _CONTACT, _SYSTEMS)

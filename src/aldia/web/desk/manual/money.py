"""The manual's chapters of money: what is paid, the bank, the cash box, what is handed over, and loans."""

from typing import Final

from django.utils.translation import gettext_lazy as _

from aldia.web.desk.manual.topics import Chapter, Topic

_PAID: Final = Chapter(_("El dinero"), (
    Topic(("pagos/",), _("Pagos"), _(
        "Todo lo que entró, con lo que cubrió y lo que espera. Un cobro se aplica por el orden de la cartera o a los documentos que "
        "elijas. Nada se edita: si hubo un error o un cheque volvió, se reversa, y la deuda reaparece con su historia.")),
    Topic(("pagos/nuevo/",), _("Registrar un pago"), _(
        "Busca al cliente, escribe cuánto, cuándo y por qué medio, y mira qué documentos cubre antes de guardar. Si descontó una retención "
        "o el banco cobró un cargo, agrégalo ahí: el documento queda saldado igual.")),
    Topic(("pagos/informados/",), _("«Ya pagué»"), _(
        "Lo que los clientes dicen haber pagado, con su comprobante. Mientras se verifica no se les reclama. Confirma contra un cobro que "
        "ya entró, regístralo, o explica por qué no llegó.")),
    Topic(("pagos/certificados/",), _("Certificados de retención"), _(
        "Las retenciones que un cliente descontó sin mandar todavía su certificado, con quién lo pide y desde cuándo. Sin él no se pueden "
        "recuperar.")),
    Topic(("pagos/valores/",), _("Cheques, pagarés y letras"), _(
        "Los valores de toda la casa: qué cheques se depositan hoy, cuáles vencen después, cuáles esperan al banco y cuáles volvieron. "
        "Elige varios y di de una vez que se depositaron o se acreditaron; lo demás se dice en su caso.")),
    Topic(("pagos/conciliacion/",), _("Conciliación con el banco"), _(
        "Sube el extracto como lo da tu banco. Lo seguro se aplica solo; lo demás llega con candidatos y el motivo de cada uno: acepta con "
        "Enter, parte el importe entre varios o déjalo sin identificar con un responsable. El mismo extracto otra vez no cambia nada.")),
    Topic(("pagos/rendiciones/",), _("Rendiciones"), _(
        "Para quien cobra carteras de otros: lo cobrado de cada dueño, menos la comisión acordada, se cierra hasta un día y se entrega con "
        "su liquidación en PDF. Lo reversado después se descuenta en la siguiente.")),
    Topic(("caja/",), _("Caja"), _(
        "Cada persona abre su caja con lo que hay, cobra en mostrador y la cierra contando. Una diferencia se explica por escrito. Lo "
        "cerrado no se toca más.")),
))  # fmt: skip

_LOANS: Final = Chapter(_("Los préstamos"), (
    Topic(("prestamos/",), _("La planilla de un préstamo"), _(
        "Su plan, lo pagado de cada cuota, lo que se debe hoy por concepto y cuánto hace falta para terminarlo. Los intereses de mora se "
        "calculan al día, con el tope de la ley, y se asientan una sola vez.")),
    Topic(("prestamos/cotizar/", "prestamos/otorgar/"), _("Cotizar y otorgar"), _(
        "Prueba monto, plazo, tasa y sistema y mira la cuota, el costo total y el plan completo; nada se guarda. «Otorgar» lleva esos "
        "términos al préstamo, con su cliente y sus garantes.")),
    Topic(("prestamos/<id>/cobrar/", "prestamos/<id>/entregar/"), _("Cobrar en mostrador y entregar más"), _(
        "Cobra lo vencido, una cuota, un adelanto o todo; el recibo sale impreso. Un adelanto acorta el plazo o baja la cuota, según se "
        "elija. Lo que se entrega de nuevo se suma a las cuotas por venir.")),
    Topic(("prestamos/<id>/cambiar/", "prestamos/<id>/reprogramar/", "prestamos/<id>/refinanciar/", "prestamos/<id>/castigar/"),
        _("Reprogramar, refinanciar o castigar"), _(
        "Tres maneras de cambiar un préstamo, con el plan nuevo a la vista antes de confirmar. Refinanciar paga el viejo con uno nuevo; "
        "castigar lo saca de los libros, y lo que se cobre después cuenta como recupero.")),
))  # fmt: skip

MONEY: Final = (_PAID, _LOANS)

"""The audit trail in words: what was done, to what, and the few facts that tell it; the whole record stays one click away."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any, Final

from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _

from aldia.web.desk.views import words
from aldia.web.ui import formats

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from aldia.web.ui.formats import Regional

DEEDS: Final = {
    "access.clock.ask": _("Pidió pasar de día"), "access.clock.move": _("Pasó al día"),
    "access.holiday.add": _("Agregó un feriado"), "access.holiday.remove": _("Quitó un feriado"),
    "access.member.absence": _("Anotó una ausencia"), "access.member.add": _("Agregó a una persona"),
    "access.member.link": _("Dio un enlace para elegir contraseña"), "access.member.change": _("Cambió a una persona"),
    "access.organisation.change": _("Cambió la organización"),
    "access.organisation.create": _("Creó la organización"), "access.organisation.live": _("Pasó a vivo"),
    "access.organisation.pause": _("Detuvo los envíos"), "access.organisation.resume": _("Reanudó los envíos"),
    "access.team.add": _("Agregó un equipo"),
    "cases.bulk.assign": _("Asignó en lote"), "cases.bulk.hold": _("Pausó en lote"), "cases.bulk.send": _("Envió en lote"),
    "cases.bulk.stage": _("Cambió de etapa en lote"), "cases.bulk.undo": _("Deshizo un lote"),
    "cases.case.assign": _("Asignó"), "cases.case.plan": _("Fijó el próximo paso"), "cases.case.stage": _("Cambió de etapa"),
    "cases.hold.place": _("Puso en pausa"), "cases.hold.release": _("Terminó una pausa"), "cases.note.add": _("Dejó una nota"),
    "cases.open": _("Abrió casos"), "cases.refresh": _("Actualizó los saldos"),
    "contact.channel.change": _("Cambió un canal"), "contact.link.revoke": _("Anuló un enlace"),
    "contact.campaign.brake": _("Frenó una campaña"), "contact.campaign.release": _("Soltó una campaña"),
    "contact.own_rule.add": _("Agregó una regla de la casa"), "contact.own_rule.end": _("Terminó una regla de la casa"),
    "contact.campaign.stop": _("Anuló lo que esperaba de una campaña"), "kpi.evidence.take": _("Sacó la evidencia de una persona"),
    "contact.order.place": _("Mandó un aviso"), "contact.order.resolve": _("Resolvió un envío sin confirmar"),
    "contact.webhook.set": _("Cambió a dónde se avisa a los sistemas"), "contact.webhook.again": _("Repitió un aviso a un sistema"),
    "outcomes.insist": _("Insistió con lo que nadie confirmó"),
    "payments.group.save": _("Cambió el grupo de un cliente"),
    "outcomes.legal_charges.claim": _("Reclamó los recargos de ley"), "outcomes.legal_charges.waive": _("Dejó sin efecto un recargo de ley"),
    "outcomes.proposal.decide": _("Decidió una propuesta"), "strategy.score.learn": _("Aprendió el puntaje"),
    "strategy.queue.order": _("Cambió el orden de la cola"),
    "contact.sandbox.void": _("Anuló lo que esperaba en prueba"), "contact.template.draft": _("Guardó un borrador de plantilla"),
    "contact.template.publish": _("Publicó una plantilla"), "contact.mail_server.set": _("Cambió el servidor de correo"),
    "contact.dkim.key": _("Creó una clave de firma del correo"), "contact.dkim.on": _("Encendió la firma del correo"),
    "contact.dkim.off": _("Apagó la firma del correo"),
    "contact.sender.set": _("Cambió el remitente"), "contact.mail.on": _("Activó el correo al equipo"),
    "contact.door.open": _("Abrió la dirección de un proveedor"), "contact.gateway.set": _("Cambió el proveedor de un canal"),
    "contact.gateway.try": _("Probó un canal"), "contact.channel.on": _("Encendió un canal"),
    "contact.channel.off": _("Apagó un canal"), "contact.texts.propose": _("Envió textos a aprobar"),
    "contact.call.ask": _("Pidió una llamada"), "contact.extensions.set": _("Cambió los internos"),
    "contact.recording.keep": _("Guardó una grabación"), "contact.recording.play": _("Escuchó una grabación"),
    "contact.recording.delete": _("Borró una grabación vencida"),
    "contact.inbox.set": _("Cambió el buzón de respuestas"), "contact.letters.print": _("Imprimió cartas"),
    "chat.take": _("Tomó una conversación"), "chat.release": _("Devolvió una conversación al asistente"),
    "chat.saved_reply.write": _("Guardó una respuesta para usar"), "chat.saved_reply.drop": _("Quitó una respuesta guardada"),
    "contact.reply.identify": _("Dijo de quién es una respuesta"), "contact.reply.close": _("Atendió una respuesta"),
    "contact.mail.off": _("Desactivó el correo al equipo"), "contact.mail.try": _("Probó el correo"),
    "intake.contacts.load": _("Importó contactos"), "intake.load.discard": _("Descartó una importación"),
    "intake.load.merge": _("Importó un archivo"), "intake.load.undo": _("Deshizo una importación"),
    "intake.load.repair": _("Corrigió filas de una importación"), "intake.link.set": _("Cambió el enlace contable"),
    "access.token.make": _("Creó un token de la API"), "access.token.revoke": _("Revocó un token de la API"),
    "ledger.creditor.change": _("Cambió un acreedor"), "ledger.creditor.create": _("Creó un acreedor"),
    "ledger.document.dispute": _("Marcó en disputa"), "ledger.document.undispute": _("Quitó la disputa"),
    "ledger.document.write_off": _("Castigó"), "ledger.document.discount": _("Hizo un descuento"),
    "ledger.file.attach": _("Adjuntó un archivo"), "ledger.file.detach": _("Quitó un archivo"), "ledger.file.store": _("Guardó un archivo"),
    "ledger.portfolio.change": _("Cambió una cartera"), "ledger.portfolio.create": _("Creó una cartera"),
    "outcomes.alarm.raise": _("Levantó una alarma"), "outcomes.alarm.reopen": _("Reabrió una alarma"),
    "outcomes.alarm.resolved": _("Resolvió una alarma"), "outcomes.alarm.seen": _("Vio una alarma"),
    "outcomes.alarms.raise": _("Revisó las alarmas"),
    "outcomes.dispute.answer": _("Respondió una disputa"), "outcomes.dispute.cancel": _("Anuló una disputa"),
    "outcomes.dispute.hand_over": _("Derivó una disputa"), "outcomes.dispute.open": _("Abrió una disputa"),
    "outcomes.outcome.log": _("Anotó un resultado"), "outcomes.outcome.undo": _("Deshizo un resultado"),
    "outcomes.plan.make": _("Acordó un plan"), "outcomes.promise.cancel": _("Anuló una promesa"),
    "outcomes.promise.make": _("Tomó una promesa"), "outcomes.promise.kept": _("Promesa cumplida"),
    "outcomes.promise.partial": _("Promesa cumplida en parte"), "outcomes.promise.broken": _("Promesa no cumplida"),
    "outcomes.task.cancel": _("Anuló una tarea"), "outcomes.task.finish": _("Terminó una tarea"),
    "outcomes.task.hand_over": _("Pasó una tarea"), "outcomes.task.reschedule": _("Movió una tarea"),
    "outcomes.task.settled": _("Quitó tareas de lo que ya se pagó"),
    "outcomes.type.deactivate": _("Dejó de ofrecer un resultado"), "outcomes.type.save": _("Cambió un resultado de la lista"),
    "parties.consent.grant": _("Anotó un permiso"), "parties.consent.load": _("Importó permisos"),
    "parties.consent.undo": _("Deshizo los permisos de una importación"),
    "parties.consent.withdraw": _("Anotó que retira su permiso"), "parties.party.change": _("Cambió los datos del cliente"),
    "parties.party.merge": _("Unió dos clientes"), "parties.party.unmerge": _("Separó dos clientes"),
    "parties.pair.apart": _("Dijo que dos clientes no son el mismo"), "parties.pair.look": _("Buscó clientes repetidos"),
    "parties.pair.reopen": _("Volvió a preguntar por dos clientes"),
    "parties.reference.note": _("Anotó el nombre de la persona en otro sistema"),
    "parties.point.add": _("Agregó un dato de contacto"), "parties.point.change": _("Cambió un dato de contacto"),
    "parties.point.mark": _("Marcó un dato de contacto"), "parties.tax_id.reveal": _("Vio el documento completo"),
    "payments.absorption.undo": _("Deshizo una absorción"), "payments.credits.apply": _("Aplicó créditos"),
    "payments.bank_account.create": _("Agregó una cuenta bancaria"), "payments.line.accept": _("Aplicó un movimiento del banco"),
    "payments.line.ignore": _("Apartó un movimiento del banco"), "payments.line.undo": _("Deshizo una conciliación"),
    "payments.line.unidentified": _("Dejó dinero sin identificar"), "payments.lines.match": _("Concilió movimientos del banco"),
    "payments.statement.take": _("Subió un extracto"),
    "payments.load.reverse": _("Reversó los cobros de una importación"), "payments.receipt.identify": _("Identificó un cobro"),
    "payments.remittance.close": _("Cerró una rendición"), "payments.remittance.pay": _("Transfirió una rendición"),
    "ledger.portfolio.owner": _("Cambió de dueño una cartera"), "ledger.loan.handed_out": _("Entregó más dinero de un préstamo"),
    "payments.method.set": _("Cambió una forma de pago en línea"), "payments.method.on": _("Encendió una forma de pago en línea"),
    "payments.method.off": _("Apagó una forma de pago en línea"), "payments.online.begin": _("Empezó un pago en línea"),
    "payments.receipt.register": _("Registró un cobro"), "payments.receipt.reverse": _("Reversó un cobro"),
    "payments.receipts.absorb": _("Absorbió cobros provisorios"), "payments.receipts.load": _("Importó cobros"),
    "payments.reported.answer": _("Respondió un pago informado"), "payments.reported.create": _("Informó un pago"),
    "payments.unapplied.allocate": _("Aplicó un cobro"),
    "strategy.fact.declare": _("Declaró un dato propio"), "strategy.fact.forget": _("Quitó un dato propio"),
    "strategy.habit.switch": _("Encendió o apagó un hábito"),
    "outcomes.quality.criteria": _("Cambió los criterios de calidad"), "outcomes.quality.review": _("Revisó una gestión"),
    "outcomes.quality.answer": _("Respondió una revisión"),
    "strategy.policy.write": _("Escribió una política"), "strategy.run.finish": _("Terminó la noche"),
    "strategy.run.start": _("Empezó la noche"), "strategy.segment.delete": _("Borró un segmento"),
    "strategy.segment.save": _("Guardó un segmento"), "strategy.strategy.create": _("Creó una estrategia"),
    "strategy.strategy.draft": _("Guardó un borrador de estrategia"), "strategy.strategy.publish": _("Publicó una estrategia"),
    "strategy.strategy.propose": _("Propuso una versión de estrategia"),
    "access.agency.set": _("Cambió las condiciones de una agencia"), "access.password.common": _("Puso una misma contraseña a varias personas"),
    "contact.webhook.pause": _("Pausó un aviso a sistemas"), "contact.webhook.resume": _("Reanudó un aviso a sistemas"),
    "contact.webhook.rotate": _("Cambió el secreto de un aviso a sistemas"), "contact.webhook.remove": _("Quitó un aviso a sistemas"),
    "contact.file.again": _("Volvió a leer un archivo recibido"), "kpi.target.set": _("Puso un objetivo"),
    "ledger.document.role": _("Anotó quién más responde"), "ledger.file.receive": _("Recibió el archivo de un documento"),
    "ledger.instrument.open": _("Recibió un cheque o pagaré"), "ledger.instrument.held": _("Recuperó un cheque o pagaré"),
    "ledger.instrument.deposited": _("Depositó un cheque"), "ledger.instrument.cleared": _("Cobró un cheque o pagaré"),
    "ledger.instrument.bounced": _("Anotó un cheque rechazado"), "ledger.instrument.endorsed": _("Endosó un cheque o pagaré"),
    "ledger.instrument.protested": _("Protestó un cheque o pagaré"),
    "ledger.instrument.returned": _("Devolvió un cheque o pagaré"), "ledger.instrument.replaced": _("Cambió un cheque por otro"),
    "ledger.loan.grant": _("Otorgó un préstamo"), "ledger.loan.prepaid": _("Adelantó cuotas de un préstamo"),
    "ledger.loan.settled": _("Canceló un préstamo antes de tiempo"), "ledger.loan.re_aged": _("Puso al día las fechas de un préstamo"),
    "ledger.loan.rescheduled": _("Reprogramó un préstamo"), "ledger.loan.refinanced": _("Refinanció un préstamo"),
    "ledger.loan.written_off": _("Castigó un préstamo"), "ledger.rates.record": _("Cargó cotizaciones"),
    "outcomes.agreement.propose": _("Propuso un acuerdo"), "outcomes.agreement.approve": _("Autorizó un acuerdo"),
    "outcomes.agreement.refuse": _("No autorizó un acuerdo"), "outcomes.agreement.withdraw": _("Retiró un acuerdo"),
    "outcomes.agreement.accept": _("Aceptó un acuerdo"), "outcomes.agreement.expire": _("Dejó vencer acuerdos sin respuesta"),
    "outcomes.agreement.fulfilled": _("Acuerdo cumplido"), "outcomes.agreement.fallen": _("Acuerdo caído"),
    "outcomes.alarm.delegate": _("Pasó una alarma"), "outcomes.alarm.postpone": _("Pospuso una alarma"),
    "outcomes.negotiation.write": _("Cambió qué se puede ofrecer"), "payments.box.open": _("Abrió su caja"),
    "payments.box.close": _("Cerró su caja"), "payments.certificate.record": _("Anotó un certificado de retención"),
    "payments.lines.known": _("Reconoció movimientos ya registrados"), "payments.terms.save": _("Cambió las condiciones de un cliente"),
    "strategy.experiment.start": _("Empezó un experimento"), "strategy.experiment.stop": _("Terminó un experimento"),
    "strategy.go_live": _("Revisó todo y pasó a vivo"), "strategy.simulation.ask": _("Pidió una simulación"),
}  # fmt: skip
OBJECTS: Final = {
    "alarm": _("Alarma"), "campaign": _("Campaña"), "case": _("Caso"), "contact_point": _("Dato de contacto"),
    "creditor": _("Acreedor"), "dispute": _("Disputa"),
    "saved_reply": _("Respuesta guardada"),
    "document": _("Documento"), "file": _("Archivo"), "hold": _("Pausa"), "load": _("Importación"), "membership": _("Persona"),
    "order": _("Envío"), "organisation": _("Organización"), "outcome": _("Resultado"), "party": _("Cliente"), "plan": _("Plan"),
    "quality_form": _("Criterios de calidad"), "quality_review": _("Revisión"),
    "policy": _("Política"), "portfolio": _("Cartera"), "promise": _("Promesa"), "receipt": _("Cobro"), "reported_payment": _("Pago informado"),
    "run": _("Noche"), "segment": _("Segmento"), "strategy": _("Estrategia"), "task": _("Tarea"), "team": _("Equipo"),
    "template": _("Plantilla"), "channel": _("Canal"), "link": _("Enlace"), "bulk": _("Lote"), "outcome_type": _("Resultado"),
    "agreement": _("Acuerdo de pago"), "bank_account": _("Cuenta bancaria"), "bank_line": _("Movimiento del banco"),
    "bank_statement": _("Extracto"), "call": _("Llamada"), "cash_box": _("Caja"), "deduction": _("Retención"),
    "experiment": _("Experimento"), "holiday": _("Feriado"), "inbound_file": _("Archivo recibido"), "loan": _("Préstamo"),
    "negotiation": _("Qué se puede ofrecer"), "own_fact": _("Dato propio"), "own_rule": _("Regla de la casa"),
    "party_pair": _("Posible duplicado"), "pay_intent": _("Pago en línea"), "pay_method": _("Forma de pago"),
    "remittance": _("Rendición"), "reply": _("Respuesta"), "simulation": _("Simulación"), "source": _("Origen"),
    "target": _("Objetivo"), "token": _("Token de la API"), "webhook": _("Aviso a sistemas"),
}  # fmt: skip
PAGES: Final = {
    "case": "desk:case", "receipt": "desk:receipt", "load": "desk:import-load", "run": "desk:strategy-night",
    "template": "desk:settings-template", "portfolio": "desk:settings-portfolio", "creditor": "desk:settings-creditor",
    "membership": "desk:member", "agreement": "desk:agreement",
}  # fmt: skip
_FACTS: Final = {
    "alarms": _("alarmas"), "cases": _("casos"), "changed": _("cambiados"), "decided": _("decisiones"), "documents": _("documentos"),
    "missed": _("a destiempo"), "new": _("nuevos"), "points": _("datos de contacto"), "raised": _("nuevas"), "receipts": _("cobros"),
    "rejected": _("fuera"), "resolved": _("resueltas"), "same": _("iguales"), "tasks": _("tareas"), "withheld": _("retenidos"),
    "version": _("versión"), "number": _("versión"),
}  # fmt: skip
_DAYS: Final = {
    "as_of": "", "due_on": _("para el"), "ends_on": _("hasta el"), "from_on": _("desde el"), "on": "", "to": "", "until_on": _("hasta el"),
}  # fmt: skip
_MONEY: Final = {
    "amount_minor": "", "kept_minor": _("pagado"), "minor": "", "total_minor": "", "unapplied_minor": _("sin aplicar"),
}  # fmt: skip


def deed(verb: str) -> str:
    """Return what was done; one that has no words yet is called by its last word."""
    return str(DEEDS.get(verb) or verb.rpartition(".")[2].replace("_", " ").capitalize())


def thing(object_type: str, object_id: str) -> str:
    """Return the name of an object: `Caso 271`; what has no number of its own is only its kind."""
    name = str(OBJECTS.get(object_type, object_type.replace("_", " ").capitalize()))
    return f"{name} {object_id}" if object_id.isdigit() and object_type != "organisation" else name


def page_of(object_type: str, object_id: str) -> str:
    """Return the address where an object is seen, or nothing."""
    if object_type not in PAGES or not object_id.isdigit():
        return ""
    try:
        return reverse(PAGES[object_type], args=[int(object_id)])
    except NoReverseMatch:
        return ""


def told(data: Mapping[str, Any], regional: Regional, outcome_labels: Mapping[str, str]) -> str:
    """Return the facts of an event that mean something to a reader, in one line."""
    readers: tuple[Callable[..., list[str]], ...] = (_amounts, _days, _names, _counts)
    return " · ".join(fact for read in readers for fact in read(data, regional, outcome_labels))


def _amounts(data: Mapping[str, Any], regional: Regional, _labels: Mapping[str, str]) -> list[str]:
    currency = str(data.get("currency") or regional.currency)
    return [
        f"{word} {formats.money(data[key], currency, regional.locale)}".strip()
        for key, word in _MONEY.items()
        if isinstance(data.get(key), int) and (data[key] or key != "unapplied_minor")
    ]


def _days(data: Mapping[str, Any], regional: Regional, _labels: Mapping[str, str]) -> list[str]:
    found = []
    for key, word in _DAYS.items():
        try:
            on = date.fromisoformat(str(data.get(key, "")))
        except ValueError:
            continue
        found.append(f"{word} {formats.day(on, regional.today)}".strip())
    return found


def _names(data: Mapping[str, Any], _regional: Regional, labels: Mapping[str, str]) -> list[str]:
    found = []
    if channel := data.get("channel"):
        found.append(words.channel(str(channel))[0] if channel != "all" else str(_("todos los canales")))
    if outcome := data.get("type"):
        found.append(labels.get(str(outcome), ""))
    if isinstance(stages := data.get("stages"), list):
        found += [words.stage(str(key)).word for key in stages]
    if isinstance(notices := data.get("notices"), dict):
        found += [f"{words.channel(key)[0]} {total}" for key, total in notices.items()]
    return [name for name in found if name]


def _counts(data: Mapping[str, Any], regional: Regional, _labels: Mapping[str, str]) -> list[str]:
    found = [
        (key, word, data[key]) for key, word in _FACTS.items() if type(data.get(key)) is int and data[key]
    ]
    return [f"{word}: {formats.number(total, regional.locale)}" for _key, word, total in found]

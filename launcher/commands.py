"""Owns the list of commands and hands each to whoever does it."""

import argparse
import difflib
import subprocess

from launcher import checks, serve, setup, suite
from launcher.console import ROOT, Refusal, environment, say, tool

USAGE_ERROR = 2
INTERRUPTED = 130
DATABASES = {"sqlite": ["sqlite"], "postgresql": ["postgresql"], "both": ["sqlite", "postgresql"]}

HERE = {
    "run": "prepara todo y abre aldia: web, trabajador y reloj",
    "test": "corre toda la batería de pruebas, sobre SQLite y sobre PostgreSQL",
    "check": "revisa estilo, tipos, escalera, migraciones y traducciones",
    "lock": "vuelve a fijar las versiones de requirements/ con sus huellas",
    "manage": "pasa lo que sigue a la línea de comandos de Django",
}
WORK = {
    "organisation": "dice qué organizaciones hay, o crea una y da el enlace de su primera cuenta",
    "user": "agrega a una persona y da el enlace con que elige su contraseña",
    "load": "carga un archivo de documentos o de cobros",
    "reconcile": "toma extractos del banco y los concilia con lo que se debe",
    "rates": "carga cotizaciones de monedas",
    "day": "hace el día: decide, envía, crea tareas y alarmas",
    "live": "dice qué falta para pasar a en vivo, da el paso, o detiene todos los mensajes",
    "lab": "prueba una estrategia antes de lanzarla",
    "kpi": "muestra los indicadores a una fecha",
    "inbound": "lee un correo que llegó (un archivo o la entrada) o recoge los del buzón",
    "drop": "toma los archivos de entrada/ y deja en salida/ los días terminados",
    "link": "da una vuelta al enlace con tu sistema contable (Tryton), o lo anota y lo prueba",
    "evidence": "deja en un ZIP firmado la evidencia de contacto de una persona",
    "letters": "escribe en un ZIP las cartas que esperan la imprenta",
    "outbox": "cuenta los avisos por estado",
    "verify": "vuelve a calcular cada saldo desde el diario y nombra las diferencias",
    "backup": "hace una copia de todo y la comprueba restaurándola aparte",
    "restore": "recupera una copia en una instalación vacía",
    "read": "muestra los registros que se leen de un archivo, sin guardar nada",
    "conformance": "compara lo que lee de archivos publicados con sus respuestas correctas",
    "bench": "mide una parte de aldia",
}


def main(words: list[str]) -> int:
    """Do what `words` ask and return the exit code: 0 only when all went well."""
    name, rest = (words[0], words[1:]) if words else ("--help", [])
    try:
        if name in {"-h", "--help", "help"}:
            print(_overview())
            return 0
        if name in WORK:
            return _work(name, rest)
        if name in HERE:
            return _here(name, rest)
        return _unknown(name)
    except Refusal as refusal:
        say(f"\naldia {name}: {refusal}")
        return 1
    except KeyboardInterrupt:
        say("\nInterrumpido.")
        return INTERRUPTED


def _overview() -> str:
    width = max(map(len, [*HERE, *WORK]))
    lines = ["Uso: ./aldia COMANDO [opciones]        (./aldia COMANDO --help explica cada uno)", ""]
    lines += [f"  {name:{width}}  {does}" for name, does in {**HERE, **WORK}.items()]
    lines += [
        "",
        "ALDIA_HOME          carpeta de datos (si falta, ./var)",
        "ALDIA_DATABASE_URL  postgresql://usuario:clave@servidor/base (si falta, SQLite en la carpeta de datos)",
    ]
    return "\n".join(lines)


def _unknown(name: str) -> int:
    near = difflib.get_close_matches(name, [*HERE, *WORK], n=1)
    hint = f" ¿Querías decir «{near[0]}»?" if near else ""
    say(f"aldia no conoce el comando «{name}».{hint}\n\n{_overview()}")
    return USAGE_ERROR


def _work(name: str, rest: list[str]) -> int:
    """Run a command of the product over an up-to-date database; its answer alone goes to standard output."""
    setup.prepare(has_screens=name == "bench")
    return _pass_on([tool("python"), "-m", "launcher.inside", name, *rest])


def _here(name: str, rest: list[str]) -> int:
    if name == "manage":
        setup.prepare()
        return _pass_on([tool("python"), str(ROOT / "manage.py"), *rest])
    parser = argparse.ArgumentParser(prog=f"aldia {name}", description=HERE[name].capitalize() + ".")
    if name == "run":
        return _run(parser, rest)
    if name == "test":
        return _test(parser, rest)
    if name == "check":
        parser.add_argument(
            "--fix",
            action="store_true",
            help="repara antes lo que se repara solo (estilo, formato, cobertura.md)",
        )
        options = parser.parse_args(rest)
        setup.prepare(dev=True)
        return checks.run(fix=options.fix)
    parser.epilog = "Lo que sigue pasa a uv, por ejemplo --upgrade o --upgrade-package django."
    _, options_of_uv = parser.parse_known_args(rest)
    setup.prepare()
    setup.lock(options_of_uv)
    return 0


def _run(parser: argparse.ArgumentParser, rest: list[str]) -> int:
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="puerto de la web (8000)")
    parser.add_argument(
        "--host", default="127.0.0.1", help="dirección en la que escucha (127.0.0.1: solo este equipo)"
    )
    parser.add_argument(
        "--again", action="store_true", help="aparta la demostración que hay, sin borrarla, y empieza otra"
    )
    options = parser.parse_args(rest)
    setup.prepare(has_screens=False)
    return serve.serve(host=options.host, port=options.port, again=options.again)


def _test(parser: argparse.ArgumentParser, rest: list[str]) -> int:
    parser.epilog = (
        "Lo demás pasa a pytest, por ejemplo: ./aldia test --database sqlite tests/domain -k interés"
    )
    parser.add_argument(
        "--database", choices=DATABASES, default="both", help="sobre qué base de datos (both: las dos)"
    )
    parser.add_argument(
        "--soak",
        action="store_true",
        help="las máquinas de estados, mucho más tiempo: 2 000 historias de 50 pasos",
    )
    options, options_of_pytest = parser.parse_known_args(rest)
    setup.prepare(dev=True)
    return suite.run(DATABASES[options.database], options_of_pytest, is_soak=options.soak)


def _pass_on(words: list[str]) -> int:
    """Run a program in the user's folder with the same streams, and return its exit code."""
    process = subprocess.Popen(words, env=environment())
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue  # the child got the same Ctrl-C and decides how to end

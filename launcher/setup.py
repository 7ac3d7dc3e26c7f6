"""Owns making the house ready: environment, libraries, screens' assets, texts. Each step leaves a stamp: never twice."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from launcher.console import BIN, ROOT, VENV, Refusal, environment, quietly, step, told_whole, tool

STAMPS = VENV / "stamps"
REQUIREMENTS = ROOT / "requirements"
LOCALES = ROOT / "src/aldia/locale"
DIST = ROOT / "src/aldia/web/ui/static/dist"
FRONTEND_FILES = ("package.json", "package-lock.json", "vite.config.js", "src/aldia/web/ui/icons.json")
FRONTEND_FOLDERS = ("frontend",)
Step = Callable[[str], AbstractContextManager[None]]
APT = ["apt-get", "install", "-y", "--no-install-recommends"]


def prepare(*, dev: bool = False, has_screens: bool = True) -> None:
    """Bring the environment, the libraries, the texts and, when asked, the screens up to date; does nothing when they are."""
    with _one_at_a_time():
        _make_environment()
        _install_libraries(dev=dev)
        _make_sources_importable()
        _compile_texts()
        if has_screens:
            _build_assets(step)


@contextmanager
def screens_meanwhile() -> Iterator[None]:
    """Build the screens while the block does something else; they are ready when it ends. Raises Refusal of their set-up."""
    with ThreadPoolExecutor(1) as aside, _one_at_a_time():
        built = aside.submit(_build_assets, told_whole)
        yield
        built.result()


def lock(options: list[str]) -> None:
    """Compile requirements/*.in into *.txt with hashes; `options` go to uv (for instance --upgrade)."""
    with step("requirements"):
        for name in ("app", "dev"):
            source = REQUIREMENTS / f"{name}.in"
            label = f"./aldia lock  ({name}.in {digest([source])[:16]})"
            words = [tool("uv"), "pip", "compile", "--universal", "--python-version", "3.11", "--quiet"]
            words += ["--generate-hashes"]
            words += ["--custom-compile-command", label, f"requirements/{name}.in"]
            words += ["-o", f"requirements/{name}.txt", *options]
            quietly(words, env=environment())


def digest(files: Iterable[Path]) -> str:
    """Return one fingerprint of the names and contents of `files`."""
    total = hashlib.sha256()
    for path in sorted(files):
        total.update(f"{path.relative_to(ROOT)}\0".encode())
        total.update(path.read_bytes())
    return total.hexdigest()


def is_root() -> bool:
    """Return whether we may install Debian packages."""
    return os.geteuid() == 0 and shutil.which("apt-get") is not None


def apt_install(*packages: str) -> None:
    """Install Debian packages (only as root); raise Refusal with apt's own words when it cannot."""
    quiet = environment(DEBIAN_FRONTEND="noninteractive")
    if subprocess.run([*APT, *packages], env=quiet, capture_output=True, check=False).returncode != 0:
        quietly(["apt-get", "update"], env=quiet)
        quietly([*APT, *packages], env=quiet)


@contextmanager
def _one_at_a_time() -> Iterator[None]:
    """Two terminals may start aldia together: the second waits until the first has finished setting up."""
    with (ROOT / ".setup.lock").open("w") as handle:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield


def _is_stamped(name: str, value: str) -> bool:
    stamp = STAMPS / name
    return stamp.exists() and stamp.read_text(encoding="ascii") == value


def _stamp(name: str, value: str) -> None:
    STAMPS.mkdir(exist_ok=True)
    (STAMPS / name).write_text(value, encoding="ascii")


def _make_environment() -> None:
    if (BIN / "python").exists():
        return
    _have_ensurepip()
    with step("entorno de Python (.venv)"):
        quietly([sys.executable, "-m", "venv", VENV], repair="Borra la carpeta .venv y vuelve a intentar.")


def _have_ensurepip() -> None:
    """Debian splits `ensurepip` off Python: as root we install it, otherwise we say the command."""
    if (
        subprocess.run(
            [sys.executable, "-c", "import ensurepip"], capture_output=True, check=False
        ).returncode
        == 0
    ):
        return
    version = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if not is_root():
        raise Refusal(
            "A este Python le falta el módulo que crea entornos. Pide a quien administra el equipo que ejecute:\n"
            f"    sudo apt-get install -y {version}\n"
            "y vuelve a escribir el comando."
        )
    with step(f"apt-get install {version}"):
        apt_install(version)


def _install_libraries(*, dev: bool) -> None:
    names = ["app", "dev"] if dev or (STAMPS / "libraries-dev").exists() else ["app"]
    files = [REQUIREMENTS / f"{name}.txt" for name in names]
    value = digest(files)
    if _is_stamped("libraries", value):
        return
    if not (BIN / "uv").exists():
        with step("instalador (uv)"):
            _install_uv(files[0])
    with step(f"librerías ({' + '.join(path.name for path in files)})"):
        words = [tool("uv"), "pip", "sync", "--quiet", "--require-hashes", "--python", tool("python")]
        quietly([*words, *files], repair="¿Hay conexión con el índice de paquetes de Python?")
    _stamp("libraries", value)
    if dev:
        _stamp("libraries-dev", "yes")


def _install_uv(requirements: Path) -> None:
    """Install exactly the uv of our own list, checked against the same hashes."""
    block: list[str] = []
    for line in requirements.read_text(encoding="utf-8").splitlines():
        if line.startswith("uv==") or (block and line.startswith("    --hash")):
            block.append(line)
        elif block:
            break
    with tempfile.TemporaryDirectory() as folder:
        listed = Path(folder) / "uv.txt"
        listed.write_text("\n".join(block), encoding="utf-8")
        words = [tool("python"), "-m", "pip", "install", "--quiet", "--no-deps", "--require-hashes"]
        quietly(
            [*words, "--disable-pip-version-check", "-r", listed],
            repair="¿Hay conexión con el índice de paquetes?",
        )


def _make_sources_importable() -> None:
    """A path file, so that tools started by hand from .venv/bin find `aldia` too."""
    for packages in VENV.glob("lib/python3.*/site-packages"):
        path = packages / "aldia.pth"
        if not path.exists():
            path.write_text(f"{ROOT / 'src'}\n", encoding="utf-8")


def _build_assets(step: Step) -> None:
    if not (ROOT / "package-lock.json").exists():
        raise Refusal("Falta package-lock.json: la copia del proyecto está incompleta. Clónalo de nuevo.")
    locked = digest([ROOT / "package.json", ROOT / "package-lock.json"])
    if not _is_stamped("node", locked) or not (ROOT / "node_modules").exists():
        with step("librerías de pantalla (npm ci)"):
            words = [tool("npm"), "ci", "--ignore-scripts", "--no-audit", "--no-fund"]
            quietly(words, repair="¿Hay conexión con el registro de paquetes de JavaScript?")
        _stamp("node", locked)
    sources = digest(_frontend_sources())
    if not _is_stamped("assets", sources) or not (DIST / "manifest.json").exists():
        with step("pantallas (vite build)"):
            quietly([tool("npm"), "run", "build"])
        _stamp("assets", sources)


def _frontend_sources() -> list[Path]:
    files = [ROOT / name for name in FRONTEND_FILES if (ROOT / name).exists()]
    for folder in FRONTEND_FOLDERS:
        files += [path for path in (ROOT / folder).rglob("*") if path.is_file()]
    return files


def _compile_texts() -> None:
    """Make the .mo of each translation whose .po is newer."""
    for source in sorted(LOCALES.glob("*/LC_MESSAGES/*.po")):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            quietly([tool("msgfmt"), "--check-format", "-o", target, source])

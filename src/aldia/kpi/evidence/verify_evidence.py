#!/usr/bin/env python3
"""Comprueba un paquete de evidencia de aldia sin red y sin instalar nada: solo la biblioteca estándar de Python (3.9 o más).

    python3 verify_evidence.py PAQUETE.zip [--key CLAVE_PÚBLICA]

Dice qué archivo, qué sección y qué registro cambió. Termina con 0 si todo está como se firmó, con 1 si no.
La firma es Ed25519 (RFC 8032) sobre los bytes de manifest.json; los registros se comparan por el SHA-256 de su forma
canónica: JSON con nombres ordenados, sin espacios, en UTF-8. Sin --key se usa la clave que viene dentro: prueba que el
paquete está entero, no quién lo hizo. La clave de la organización se consigue por otro camino.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import zipfile
from typing import Any

FORMAT = "aldia-evidence/1"
SIGNED_APART = {"manifest.json", "manifest.sig"}

# Ed25519, as RFC 8032 section 5.1 defines it; points in extended coordinates (X, Y, Z, T).
P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P
Point = tuple[int, int, int, int]
ROOT = pow(2, (P - 1) // 4, P)


def add(one: Point, other: Point) -> Point:
    a, b = (one[1] - one[0]) * (other[1] - other[0]) % P, (one[1] + one[0]) * (other[1] + other[0]) % P
    c, d = 2 * one[3] * other[3] * D % P, 2 * one[2] * other[2] % P
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % P, g * h % P, f * g % P, e * h % P


def times(number: int, point: Point) -> Point:
    total: Point = (0, 1, 1, 0)
    while number:
        if number & 1:
            total = add(total, point)
        point, number = add(point, point), number >> 1
    return total


def same(one: Point, other: Point) -> bool:
    return (one[0] * other[2] - other[0] * one[2]) % P == 0 and (
        one[1] * other[2] - other[1] * one[2]
    ) % P == 0


def point_of(encoded: bytes) -> Point | None:
    """The point that 32 bytes name, or None when they name none."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & ((1 << 255) - 1)
    if y >= P:
        return None
    square = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(square, (P + 3) // 8, P)
    if (x * x - square) % P:
        x = x * ROOT % P
    if (x * x - square) % P or (x == 0 and sign):
        return None
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


Y = 4 * pow(5, P - 2, P) % P
BASE = point_of(Y.to_bytes(32, "little")) or (0, 1, 1, 0)


def is_signed(public: bytes, content: bytes, signature: bytes) -> bool:
    """Whether the 64 bytes are the signature of the content by that public key."""
    if len(public) != 32 or len(signature) != 64:
        return False
    key, nonce, scalar = point_of(public), point_of(signature[:32]), int.from_bytes(signature[32:], "little")
    if key is None or nonce is None or scalar >= ORDER:
        return False
    hashed = int.from_bytes(hashlib.sha512(signature[:32] + public + content).digest(), "little") % ORDER
    return same(times(scalar, BASE), add(nonce, times(hashed, key)))


def canonical(value: Any) -> bytes:
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def sha(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def problems(path: str, key: str = "") -> list[str]:
    """What is not as it was signed, in words; empty when all is."""
    files, found = opened(path)
    if found:
        return found
    for name in sorted(SIGNED_APART - set(files)):
        return [f"falta {name}"]
    found = signature_problems(files, key)
    if found:
        return found
    manifest = json.loads(files["manifest.json"].decode())
    if manifest.get("format") != FORMAT:
        return [
            "manifest.json es de otro formato: {}, y se esperaba {}".format(manifest.get("format"), FORMAT)
        ]
    return file_problems(files, manifest)


def opened(path: str) -> tuple[dict[str, bytes], list[str]]:
    """Every file of the ZIP, or what cannot be read of it."""
    files: dict[str, bytes] = {}
    found: list[str] = []
    try:
        with zipfile.ZipFile(path) as archive:
            for entry in archive.infolist():
                if entry.filename in files:
                    found.append(f"{entry.filename} está dos veces")
                try:
                    files[entry.filename] = archive.read(entry)
                except Exception as error:
                    found.append(f"{entry.filename} no se puede leer: {error}")
    except Exception as error:
        found.append(f"el ZIP no se puede leer: {error}")
    return files, found


def signature_problems(files: dict[str, bytes], key: str) -> list[str]:
    try:
        inside = json.loads(files["manifest.json"].decode())["public_key"]
        public, signature = (
            bytes.fromhex(key or inside),
            bytes.fromhex(files["manifest.sig"].decode().strip()),
        )
    except (ValueError, KeyError, TypeError) as error:
        return [f"manifest.json o manifest.sig no se puede leer: {error}"]
    if key and key.lower() != inside:
        return [f"lo firmó otra clave: dentro dice {inside}"]
    if not is_signed(public, files["manifest.json"], signature):
        return ["la firma no corresponde: cambió manifest.json o manifest.sig"]
    return []


def file_problems(files: dict[str, bytes], manifest: dict[str, Any]) -> list[str]:
    found: list[str] = []
    for name in sorted(set(manifest["files"]) | set(files) - SIGNED_APART):
        if name not in files:
            found.append(f"falta {name}")
        elif name not in manifest["files"]:
            found.append(f"{name} no estaba cuando se firmó")
        elif sha(files[name]) != manifest["files"][name]["sha256"]:
            found.append(f"{name} cambió")
            if name == "evidence.json":
                found += record_problems(files[name], manifest)
    return found


def record_problems(content: bytes, manifest: dict[str, Any]) -> list[str]:
    """Which records of which sections differ from those that were signed."""
    try:
        told = json.loads(content.decode())
        sections, head = told["sections"], told["head"]
    except (ValueError, KeyError, TypeError) as error:
        return [f"evidence.json ya no es JSON: {error}"]
    found = [] if head == manifest["head"] else ["evidence.json: cambió la cabecera"]
    for name in sorted(set(sections) | set(manifest["records"])):
        signed, now = (
            manifest["records"].get(name, []),
            [sha(canonical(one)) for one in sections.get(name, [])],
        )
        if len(signed) != len(now):
            found.append(f"evidence.json: {name} tenía {len(signed)} registros y tiene {len(now)}")
        for number, (was, is_now) in enumerate(zip(signed, now), 1):  # noqa: B905 - Python 3.9 has no strict
            if was != is_now:
                found.append(f"evidence.json: {name}, registro {number}")
    return found


def tell(text: str) -> None:
    sys.stdout.write(f"{text}\n")


def main(arguments: list[str]) -> int:
    reader = argparse.ArgumentParser(description="Comprueba un paquete de evidencia de aldia, sin red.")
    reader.add_argument("zip", help="el paquete")
    reader.add_argument("--key", default="", help="clave pública de la organización, en hexadecimal")
    options = reader.parse_args(arguments)
    found = problems(options.zip, options.key)
    for line in found:
        tell(f"CAMBIADO: {line}")
    if not found:
        told = json.loads(zipfile.ZipFile(options.zip).read("manifest.json").decode())
        counts = ", ".join(f"{name} {len(rows)}" for name, rows in sorted(told["records"].items()))
        tell(
            "Entero y firmado por {} el {}.".format(
                told["head"]["organisation"]["name"], told["head"]["made_at"]
            )
        )
        tell("Persona {}. {}.".format(told["head"]["person"]["id"], counts))
        tell(
            "Clave {}{}".format(
                told["public_key"], "" if options.key else " (la de adentro: compárala con la que te dieron)"
            )
        )
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

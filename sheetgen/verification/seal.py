"""A seal: a detached ed25519 signature over what a workbook says, which a re-save that changes nothing leaves whole.

What is signed is no file but its content: every formula, text and input of the plan, in the plan's order, and the hash
of its templates. ``verify`` derives the content again from the file, so that a seal holds exactly as long as the
workbook is intact and says the same. A seal says by whom, when and what for it was made, and these words are signed,
too; whose key it is nobody here knows, so that the public key is given by who checks.
"""

from __future__ import annotations

import base64
import hashlib
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sheetgen.base.errors import InvalidInput, NotVerifiable, Problem, one_line
from sheetgen.base.files import read_file

if TYPE_CHECKING:
    from sheetgen.workbook.book import Book

VERSION = 1
MOST_BYTES = 100_000
TEXTS = ("content_sha256", "templates_sha256", "generator", "sealed_by", "sealed_at", "sealed_for")
NO_KEY = "is not an ed25519 key in PEM, as sheetgen keygen writes it"


def content_digest(book: Book, templates: str) -> str:
    """A SHA-256 over every formula, text and number of a plan whose inputs are filled in, and the templates' hash."""
    digest = hashlib.sha256(templates.encode())
    for sheet in book.ordered():
        digest.update(f"\0{sheet.name}\0".encode())
        for (row, column), cell in sorted(sheet.cells.items()):
            held = f"={cell.formula}" if cell.formula is not None else _constant(cell.value)
            digest.update(f"{row},{column}:{len(held)}:{held}\n".encode("utf-8", "surrogatepass"))
    return digest.hexdigest()


def _constant(value: object) -> str:
    number = isinstance(value, (int, float)) and not isinstance(value, bool)
    return f"n{value:.15g}" if number else f"t{'' if value is None else value}"


def new_keys() -> tuple[bytes, bytes]:
    """A private key and its public one, in PEM."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return private, key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)


def sealed(words: dict[str, Any], key: Path) -> bytes:
    """The seal, as JSON, of what a workbook says and who says so. Raises InvalidInput for what is no private key."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    try:
        private = load_pem_private_key(_read(key), password=None)
    except (ValueError, TypeError) as error:
        raise InvalidInput([Problem(NO_KEY, one_line(str(key)), key="--key", allowed="a private key")]) from error
    if not isinstance(private, Ed25519PrivateKey):
        raise InvalidInput([Problem(NO_KEY, one_line(str(key)), key="--key", allowed="a private key")])
    said = {"sheetgen_seal": VERSION, **words}
    signature = base64.b64encode(private.sign(_canonical(said))).decode()
    return (json.dumps({**said, "signature": signature}, indent=2, ensure_ascii=False) + "\n").encode()


def read_seal(file: Path, key: Path) -> dict[str, Any]:
    """What a seal says, signed by the owner of a public key.

    Raises InvalidInput for what is no public key, NotVerifiable for what is no seal or not signed by it.
    """
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
    from cryptography.hazmat.primitives.serialization import load_pem_public_key

    try:
        public = load_pem_public_key(_read(key))
    except ValueError as error:
        raise InvalidInput([Problem(NO_KEY, one_line(str(key)), key="--key", allowed="a public key")]) from error
    if not isinstance(public, Ed25519PublicKey):
        raise InvalidInput([Problem(NO_KEY, one_line(str(key)), key="--key", allowed="a public key")])
    name = one_line(str(file))
    try:
        said = json.loads(_read(file))
        signature = base64.b64decode(said.pop("signature"), validate=True)
        if said.get("sheetgen_seal") != VERSION or not all(isinstance(said.get(text), str) for text in TEXTS):
            raise ValueError
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise NotVerifiable(f"{name}: is no seal, as sheetgen seal writes it") from error
    try:
        public.verify(signature, _canonical(said))
    except InvalidSignature as error:
        raise NotVerifiable(f"{name}: is not signed by the owner of {one_line(str(key))}, or was changed") from error
    return dict(said)


def _canonical(said: dict[str, Any]) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=True).encode()


def _read(path: Path) -> bytes:
    try:
        return read_file(path, MOST_BYTES)
    except OSError as error:
        raise NotVerifiable(f"{one_line(str(path))}: cannot be read: {error.strerror or error}") from error

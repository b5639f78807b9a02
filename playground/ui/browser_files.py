"""What the browser gets of the live pictures: all modules and style sheets in one file, or each one from Streamlit.

One question in place of thirty: a class that opens the page at once asks thirty times less, and what a browser has got
it keeps for ever, because the address changes with the files. Where a proxy lets no route of ours through, Streamlit
serves the same files one by one, under names that stay; after an update the browser's cache is then brought up to date.
"""

from __future__ import annotations

import gzip
import hashlib
import json
import re
from functools import cache
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

STATIC = Path(__file__).parent / "static"
_NAMES = sorted(path.name for path in STATIC.iterdir() if path.suffix in {".js", ".css"} and path.name != "page.css")
_FILES = {name: (STATIC / name).read_text("utf-8") for name in _NAMES}
VERSION = hashlib.blake2b(json.dumps(_FILES).encode(), digest_size=6).hexdigest()
_ADDRESS = f"live-{VERSION}.json"
_YEAR = 31_536_000  # seconds
_IMPORT = re.compile(r'"\./([\w.]+\.js)"')

# Modules find each other by address, so each is made under one of its own, after those that it imports.
_LOADER = """
const version = %VERSION%, modules = %MODULES%;
const at = (name) => new URL(name, document.baseURI).href;
async function linked() {
  const answer = await fetch(at("%ADDRESS%"));
  if (!answer.ok) throw new Error(answer.status);
  const files = await answer.json();
  const made = {};
  for (const [name, text] of Object.entries(files)) {
    const type = name.endsWith(".css") ? "text/css" : "text/javascript";
    const code = text.replace(/"\\.\\/([\\w.]+\\.js)"/g, (_, other) => `"${made[other]}"`);
    made[name] = URL.createObjectURL(new Blob([code], { type }));
  }
  return made;
}
async function broughtUpToDate() {
  let known = null;
  try { known = localStorage.getItem("playground.version"); } catch {}
  if (known === version) return;
  await Promise.all(modules.map((name) => fetch(at(`app/static/${name}`), { cache: "reload" })));
  try { localStorage.setItem("playground.version", version); } catch {}
}
async function load() {
  try {
    window.__nnpFiles ??= linked();
    return await import((await window.__nnpFiles)["%MODULE%"]);
  } catch {
    await (window.__nnpUpToDate ??= broughtUpToDate());
    return import(at(`app/static/%MODULE%?v=${version}`));
  }
}
"""


def loader(module: str) -> str:
    """JavaScript with `load()`, which promises what this module exports."""
    text = _LOADER.replace("%VERSION%", json.dumps(VERSION)).replace("%MODULES%", json.dumps(list(linking_order())))
    return text.replace("%MODULE%", module).replace("%ADDRESS%", _ADDRESS)


def linking_order() -> dict[str, str]:
    """The text of every file by its name, each module after those that it imports."""
    ordered: dict[str, str] = {}

    def add(name: str) -> None:
        for other in _IMPORT.findall(_FILES[name]):
            if other not in ordered:
                add(other)
        ordered[name] = _FILES[name]

    for name in _FILES:
        add(name)
    return ordered


def browser_files_route() -> Route:
    """The route for the app."""
    return Route(f"/{_ADDRESS}", _serve, methods=["GET"])


async def _serve(request: Request) -> Response:
    plain, compressed = _bundle()
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable", "Vary": "Accept-Encoding"}
    zipped = "gzip" in request.headers.get("accept-encoding", "")
    if zipped:
        headers["Content-Encoding"] = "gzip"
    return Response(compressed if zipped else plain, media_type="application/json", headers=headers)


@cache
def _bundle() -> tuple[bytes, bytes]:
    plain = json.dumps(linking_order()).encode()
    return plain, gzip.compress(plain, 6)

"""Files that people upload by mistake, in a hurry or in bad faith: (kind, name, bytes), at most as large as may be.

The first of each kind is small and good.
"""

from __future__ import annotations

import io
import random
import struct
import zipfile
import zlib
from collections.abc import Iterator

import numpy as np

MOST = 10_000_000
Upload = tuple[str, str, bytes]


def uploads() -> Iterator[Upload]:
    for kind, files in KINDS.items():
        for name, data in files():
            yield kind, name, data[:MOST]


# ---- tables


def tables() -> Iterator[tuple[str, bytes]]:
    small = "size;weight;kind\n" + "".join(f"{i},5;{i % 7};{'cat' if i % 2 else 'dog'}\n" for i in range(60))
    yield "small and good", small.encode()
    yield "empty", b""
    yield "UTF-16", small.encode("utf-16")
    yield "UTF-16 cut in half a letter", small.encode("utf-16")[:-1]
    yield "Latin-1", small.replace("cat", "Kätzchen").encode("latin-1")
    yield "1e999, NaN, inf", b"a,b\n1e999,x\nnan,y\ninf,x\n1,y\n2,x\n3,y\n-1e999,x\n4,y\n5,x\n6,y\n"
    yield "ragged rows", "".join(",".join("1" * (i % 7 + 1)) + "\n" for i in range(50)).encode()
    yield "formulas", b"a,b\n=cmd|' /C calc'!A0,1\n+1+1,2\n@SUM(A1),3\n-1-1,4\n"
    yield "a picture named csv", b"\x89PNG\r\n\x1a\n" + bytes(5_000)
    yield "zip named csv", archive({"table.csv": small.encode()})
    yield "one line of 10 MB", b"a," * (MOST // 2)
    yield "100,000 columns", (b"1," * 99_999 + b"1\n") * 40
    yield "300 columns", (b"1," * 299 + b"1\n") * 100
    yield "10 MB of line ends", b"\n" * MOST
    yield "10 MB of quotes", b'"' * MOST
    yield "10 MB of noise", np.random.default_rng(1).bytes(MOST)
    yield "10 MB of zeros", bytes(MOST)
    yield "20,000 rows of 200 columns", grid(20_000, 200, 1)
    yield "20,000 rows of 50 columns", grid(20_000, 50, 8)
    yield "5,000 rows of 200 columns", grid(5_000, 200, 9)
    yield "20,000 rows of 50 columns, UTF-16", grid(20_000, 50, 3).decode().encode("utf-16")
    yield "1,000,000 categories", grid(20_000, 50, 8).replace(b"1", b"x")
    yield "20,000 remarks with signs beyond", words(20_000, "😀" + "remark " * 60)
    yield "40,000 different words", words(20_000, "é")
    yield from sheets()


def grid(rows: int, columns: int, digits: int) -> bytes:
    text = np.full((rows, columns, digits + 1), ord(","), dtype=np.uint8)
    text[:, :, :digits] = np.random.default_rng(2).integers(48, 58, (rows, columns, digits), dtype=np.uint8)
    text[:, -1, -1] = ord("\n")
    return text.tobytes()


def words(rows: int, text: str) -> bytes:
    return ("a,b,c\n" + "".join(f"{text}{i:x},{i % 3},w{i:x}\n" for i in range(rows))).encode()[:MOST]


def archive(parts: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
    return file.getvalue()


SHEET = (
    '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>%s</sheetData></worksheet>'
)
SHARED = (
    b'<Override PartName="/xl/sharedStrings.xml" '
    b'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml"/>'
)
TEXTS = '<sst xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main">%s</sst>'


def sheets() -> Iterator[tuple[str, bytes]]:
    numbers = row(["1.5", "2"]) * 100
    yield "small Excel file", excel(SHEET % numbers)
    yield "Excel file cut in the middle", excel(SHEET % numbers)[:700]
    yield "old Excel file", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(5_000)
    yield "Excel, 4,000 rows of 50 columns", excel(SHEET % (row(["123.25"] * 50) * 4_000))
    yield "Excel, 20,000 rows of 50 columns", excel(SHEET % (row(["1"] * 50) * 20_000))
    yield (
        "Excel, 120,000 different texts",
        excel(
            SHEET % "".join(row([str(100 * i + j) for j in range(100)], "s") for i in range(1_200)),
            TEXTS % "".join(f"<si><t>{i:x} and more</t></si>" for i in range(120_000)),
        ),
    )
    yield (
        "Excel, 39,000 different texts",
        excel(
            SHEET % "".join(row([str(100 * i + j) for j in range(100)], "s") for i in range(390)),
            TEXTS % "".join(f"<si><t>😀 {i:x} {'and more' * 4}</t></si>" for i in range(39_000)),
        ),
    )
    yield (
        "Excel, few cells and texts of 3 MB",
        excel(SHEET % (row(["0", "1"], "s") * 50), TEXTS % (f"<si><t>😀{'x' * 1_900_000}</t></si>" * 2)),
    )
    yield (
        "Excel, texts of 10,000 letters",
        excel(
            SHEET % (row([str(i) for i in range(390)], "s") * 50), TEXTS % (f"<si><t>😀{'x' * 10_000}</t></si>" * 390)
        ),
    )
    inline = f"<c t='inlineStr'><is><t>😀{'x' * 90}</t></is></c>"
    yield "Excel, 100,000 texts in their cells", excel(SHEET % (f"<row>{inline * 50}</row>" * 2_000))
    yield "Excel, 30,000 texts in their cells", excel(SHEET % (f"<row>{inline * 30}</row>" * 1_000))
    yield (
        "Excel, one cell of 20 MB",
        excel(SHEET % f"<row><c t='inlineStr'><is><t>{'x' * 20_000_000}</t></is></c></row>"),
    )
    yield "Excel, rows without end", excel(SHEET % ("<row/>" * 3_900_000))
    yield "Excel bomb, 1 GB in one sheet", excel_bomb(1_000)
    yield "Excel bomb, 24 MB of blanks", excel_bomb(23)


def row(cells: list[str], kind: str = "n") -> str:
    return "<row>" + "".join(f'<c t="{kind}"><v>{cell}</v></c>' for cell in cells) + "</row>"


def excel(sheet: str, texts: str = "") -> bytes:
    import openpyxl

    book, file = openpyxl.Workbook(), io.BytesIO()
    book.active["A1"] = "a"
    book.save(file)
    with zipfile.ZipFile(file) as source:
        parts = {name: source.read(name) for name in source.namelist()}
    parts["xl/worksheets/sheet1.xml"] = sheet.encode()
    if texts:
        parts["xl/sharedStrings.xml"] = texts.encode()
        types = parts["[Content_Types].xml"]
        parts["[Content_Types].xml"] = types.replace(b"</Types>", SHARED + b"</Types>")
    return archive(parts)


def excel_bomb(megabytes: int) -> bytes:
    whole = excel(SHEET % "")
    with zipfile.ZipFile(io.BytesIO(whole)) as source:
        parts = {name: source.read(name) for name in source.namelist() if "sheet1" not in name}
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts.items():
            target.writestr(name, data)
        with target.open("xl/worksheets/sheet1.xml", "w") as part:
            part.write(SHEET.split("%")[0].encode())
            for _ in range(megabytes):
                part.write(b" " * 1_000_000)
    return file.getvalue()


# ---- pictures


def images() -> Iterator[tuple[str, bytes]]:
    yield "small and good", picture("PNG", (60, 40))
    yield "empty", b""
    yield "text named png", b"this is no picture"
    yield "PNG cut in the middle", picture("PNG", (600, 400))[:900]
    yield "PNG of 81 million pixels", png(9_000, 9_000)
    yield "PNG of 4 billion pixels", png(65_000, 65_000, rows=10)
    yield "PNG, the largest", png(2_890, 2_890)
    yield "PNG, the largest, in 10 MB", noisy("PNG", (2_890, 2_890))
    yield "PNG with palette and transparency, the largest", picture("PNG", (2_890, 2_890), "P", transparency=0)
    yield "PNG with 16 bits, the largest", picture("PNG", (2_890, 2_890), "I;16")
    yield "PNG strip", png(60_000, 10)
    yield "PNG with texts that unfold", png(100, 100, text=60)
    yield "JPEG, the largest", picture("JPEG", (7_700, 7_700))
    yield "JPEG of CMYK, the largest", picture("JPEG", (7_700, 7_700), "CMYK")
    yield "JPEG, progressive, the largest", picture("JPEG", (3_500, 3_500), progressive=True)
    yield "JPEG, progressive, in 10 MB", noisy("JPEG", (3_500, 3_500), progressive=True, quality=60)
    yield "JPEG, progressive, all colours", noisy("JPEG", (2_400, 2_500), progressive=True, subsampling=0, quality=75)
    yield "JPEG, progressive, too many pixels", picture("JPEG", (3_500, 3_500), progressive=True, subsampling=0)
    yield "JPEG of 80 million pixels", picture("JPEG", (9_000, 9_000), "L")
    yield "WebP, the largest", noisy("WEBP", (1_440, 1_440))
    yield "WebP without loss, the largest", noisy("WEBP", (1_440, 1_440), lossless=True)
    yield "animated WebP, the largest", animated("WEBP", (1_090, 1_090))
    yield "animated WebP of 4 million pixels", animated("WEBP", (2_000, 2_000))
    yield "GIF, the largest", picture("GIF", (3_000, 3_000), "P")
    yield "animated GIF", animated("GIF", (2_000, 2_000))
    yield "GIF of 4 billion pixels", b"GIF89a" + struct.pack("<HH", 65_000, 65_000) + bytes(200)
    yield "BMP, the largest", picture("BMP", (1_800, 1_800))
    yield "TIFF", picture("TIFF", (500, 500))
    yield "10 MB of noise after a PNG's start", b"\x89PNG\r\n\x1a\n" + np.random.default_rng(1).bytes(MOST - 8)


def picture(form: str, size: tuple[int, int], mode: str = "RGB", **options: object) -> bytes:
    from PIL import Image, ImageDraw

    image = Image.new("L" if mode in ("P", "I;16") else mode, size, "white" if mode != "P" else 1)
    if mode not in ("P", "I;16"):
        ImageDraw.Draw(image).ellipse((size[0] // 4, size[1] // 4, size[0] // 2, size[1] // 2), fill="black")
    elif mode == "P":
        image = image.convert("P")
    else:
        image = image.convert("I;16")
    file = io.BytesIO()
    image.save(file, form, **options)
    return file.getvalue()


def noisy(form: str, size: tuple[int, int], **options: object) -> bytes:
    """A picture that can hardly be packed, as far as an upload may be large."""
    from PIL import Image, ImageFile

    ImageFile.MAXBLOCK = 4 * MOST  # what the JPEG encoder may write at once
    pixels = np.random.default_rng(4).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
    pixels[-(-size[1] * 35 // 100) if form == "PNG" else size[1] :] = 255  # noise alone would be larger than that
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, form, **options)
    return file.getvalue()


def animated(form: str, size: tuple[int, int]) -> bytes:
    from PIL import Image

    frames = [Image.new("L", size, 20 * i) for i in range(12)]
    file = io.BytesIO()
    frames[0].save(file, form, save_all=True, append_images=frames[1:])
    return file.getvalue()


def png(width: int, height: int, rows: int | None = None, text: int = 0) -> bytes:
    """A picture of one colour and 1 or 8 bits a pixel: few bytes, many pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    packer = zlib.compressobj(9)
    body = b"".join(packer.compress(bytes(1 + 3 * width)) for _ in range(height if rows is None else rows))
    texts = chunk(b"zTXt", b"a\0\0" + zlib.compress(bytes(1_000_000))) * text
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + texts
        + chunk(b"IDAT", body + packer.flush())
        + chunk(b"IEND", b"")
    )


# ---- sounds


def sounds() -> Iterator[tuple[str, bytes]]:
    yield "small and good", sound("WAV", 8_000, 8_000)
    yield "empty", b""
    yield "text named wav", b"this is no sound"
    yield "WAV that claims 4 GB", claimed(0xFFFFFFF0)
    yield "WAV that claims nothing", claimed(0)
    yield "WAV of 1 sample", sound("WAV", 1, 8_000)
    yield "WAV cut in its head", sound("WAV", 8_000, 8_000)[:30]
    yield "WAV, 96 kHz, 8 bits, the longest", sound("WAV", 60 * 96_000, 96_000, subtype="PCM_U8")
    yield "WAV, 8 channels at 96 kHz", sound("WAV", 6 * 96_000, 96_000, 8)
    yield "WAV, 8 channels at 192 kHz", sound("WAV", 3 * 192_000, 192_000, 8)
    yield "WAV of floats that are not finite", sound("WAV", 8_000, 8_000, subtype="FLOAT", value=np.inf)
    for form in ("FLAC", "OGG", "MP3"):
        whole = sound(form, 200_000, 44_100)
        yield f"{form} cut in the middle", whole[: len(whole) // 2]
        yield f"{form} cut in its head", whole[:40]
        yield f"{form} with changed bytes", changed(whole)
    yield "FLAC, 96 kHz, the longest", sound("FLAC", 60 * 96_000, 96_000)
    yield "OGG, 96 kHz, the longest", sound("OGG", 60 * 96_000, 96_000)
    yield "FLAC of 60 minutes of silence", sound("FLAC", 3_600 * 8_000, 8_000, value=0)
    yield "MP3 of an hour", long_mp3()
    yield "10 MB of noise after a WAV's start", claimed(MOST - 44, np.random.default_rng(1).bytes(MOST - 44))


def sound(form: str, frames: int, rate: int, channels: int = 1, subtype: str | None = None, value: float = -1) -> bytes:
    import soundfile

    file = io.BytesIO()
    with soundfile.SoundFile(file, "w", rate, channels, subtype, format=form) as target:
        for start in range(0, frames, 100_000):
            times = np.arange(start, min(start + 100_000, frames)) / rate
            tone = 0.5 * np.sin(2 * np.pi * 440 * times) if value == -1 else np.full(len(times), float(value))
            target.write(np.repeat(tone[:, None], channels, axis=1))
    return file.getvalue()


def claimed(size: int, data: bytes = bytes(2_000)) -> bytes:
    """A WAV whose head says that so many bytes follow."""
    head = b"RIFF" + struct.pack("<I", min(size + 36, 0xFFFFFFFF)) + b"WAVEfmt "
    return head + struct.pack("<IHHIIHH", 16, 1, 1, 8_000, 16_000, 2, 16) + b"data" + struct.pack("<I", size) + data


def long_mp3() -> bytes:
    """One second again and again: the frames of an MP3 stand each for themselves."""
    whole = sound("MP3", 80_000, 8_000)
    second = whole[whole.index(b"\xff\xe3", 4) :]  # without the first one, which says how long all of them are
    return second * (MOST // len(second))


def changed(data: bytes) -> bytes:
    broken, rng = bytearray(data), random.Random(3)
    for _ in range(50):
        broken[rng.randrange(len(broken))] = rng.randrange(256)
    return bytes(broken)


# ---- lines of text, points


def texts() -> Iterator[tuple[str, bytes]]:
    good = "".join(f"{'cat' if i % 2 else 'dog'}\ttext number {i}\n" for i in range(60))
    yield "small and good", good.encode()
    yield "empty", b""
    yield "UTF-16", good.encode("utf-16")
    yield "Latin-1", good.replace("cat", "Kätzchen").encode("latin-1")
    yield "zip named txt", archive({"table.csv": b"a"})
    yield "one line of 10 MB", b"a" * MOST
    yield "one line of 5 MB", b"a\t" + b"a" * 4_900_000
    yield "5 MB of line ends", b"\n" * 5_000_000
    yield "5 MB of zeros", bytes(5_000_000)
    yield "20,000 lines", "".join(f"{'ab'[i % 2]}\t{'word ' * 45}{i}\n" for i in range(20_000)).encode()[:4_999_000]
    yield "20,000 lines with signs beyond", "".join(f"{'ab'[i % 2]}\t😀{'x' * 230}\n" for i in range(20_000)).encode()
    yield "20,001 labels", "".join(f"{i}\ttext\n" for i in range(20_001)).encode()


def points() -> Iterator[tuple[str, bytes]]:
    yield "small and good", b"x1,x2,label\n1,2,a\n-1,3,b\n"
    yield "empty", b""
    yield "UTF-16", "1;2;a\n2;3;b\n".encode("utf-16")
    yield "1e999", b"1e999,2,a\n"
    yield "NaN", b"nan,2,a\n"
    yield "zip named csv", archive({"table.csv": b"a"})
    yield "one line of 10 MB", b"1," * (MOST // 2)
    yield "10 MB of line ends", b"\n" * MOST
    yield "10 MB of zeros", bytes(MOST)
    yield "10 MB of points", b"1,2,a\n" * (MOST // 6)
    yield "10 MB of signs beyond", "😀,1,2\n".encode() * (MOST // 9)


KINDS = {"tables": tables, "images": images, "sound": sounds, "text": texts, "points": points}

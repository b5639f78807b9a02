"""Take the README's pictures anew: ``python docs/pictures.py`` starts the app, drives it in Chromium and saves them."""

from __future__ import annotations

import io
import sys
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from benchmarks.server import chromium, running_server  # noqa: E402

IMAGES = ROOT / "docs" / "images"
SPIRAL = "?dataset=spiral&noise=0.05&layers=8-tanh_8-tanh_4-tanh&inputs=x1_x2_sinx1_sinx2&learning_rate=0.01"
FRAMES, FRAME_MS, WIDTH = 40, 160, 900


def main() -> None:
    """Drive the app and save what it shows."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    with running_server() as server, chromium() as browser:
        page = browser.new_context(viewport={"width": 1440, "height": 900}).new_page()
        page.goto(server.url + SPIRAL)
        page.wait_for_function("() => window.__nnp && window.__nnp.painted > 0")
        page.wait_for_timeout(1500)
        page.get_by_role("button", name="Play", exact=True).click()
        shots = []
        for _ in range(FRAMES):
            shots.append(page.screenshot(clip={"x": 0, "y": 162, "width": 1440, "height": 656}))
            page.wait_for_timeout(FRAME_MS)
        page.wait_for_timeout(4000)
        page.screenshot(path=IMAGES / "points.png")
    pictures = [Image.open(io.BytesIO(shot)).convert("RGB") for shot in shots]
    small = [picture.resize((WIDTH, round(WIDTH * picture.height / picture.width))) for picture in pictures]
    palette = small[-1].quantize(128)
    frames = [picture.quantize(palette=palette, dither=Image.Dither.NONE) for picture in small]
    frames[0].save(IMAGES / "training.gif", save_all=True, append_images=frames[1:], duration=FRAME_MS, loop=0)


if __name__ == "__main__":
    main()

"""Speed of the page Try it: ``python -m benchmarks.try_it [--repeats 30]``. Prints medians.

Seconds from the end of a stroke to the new predictions, and from the choice of a 12-megapixel photograph to its
predictions, by the browser's clock.
"""

import io

import numpy as np
from PIL import Image
from playwright.sync_api import FilePayload, Page

from benchmarks.browser import dashboard_page, parse_repeats, print_timings, wait_for_seconds
from tests.e2e.conftest import wait_until_idle

# marks the current answers; new ones have another version or, after an upload, are another element
MARK_ANSWERS_JS = (
    """() => { const answers = window.part(".answers"); if (answers) answers.dataset.old = answers.dataset.version; }"""
)
WAIT_FOR_ANSWERS_JS = """() => { const answers = window.part(".answers")?.dataset;
  return answers?.version && answers.old !== answers.version && performance.now() - window.up; }"""
GARMENT_OUTLINE = [(70, 50), (110, 35), (170, 35), (210, 50), (250, 110), (215, 130), (200, 105), (200, 240), (80, 240),
           (80, 105), (65, 130), (30, 110), (70, 50)]  # fmt: skip
PHOTOGRAPH_SIZE = (4000, 3000)


def time_stroke(page: Page, points: list[tuple[int, int]]) -> float:
    """Seconds from the end of a stroke through ``points`` of the 280 x 280 canvas to new predictions."""
    page.evaluate(MARK_ANSWERS_JS)
    box = page.get_by_label("Canvas to draw a garment on").bounding_box()
    assert box is not None
    places = [(box["x"] + x * box["width"] / 280, box["y"] + y * box["height"] / 280) for x, y in points]
    page.mouse.move(*places[0])
    page.mouse.down()
    for place in places[1:]:
        page.mouse.move(*place)
    page.mouse.up()
    return wait_for_seconds(page, WAIT_FOR_ANSWERS_JS)


def make_photograph(seed: int) -> bytes:
    """A JPEG of 12 megapixels that looks like a shirt on a wooden floor."""
    rng = np.random.default_rng(seed)
    width, height = PHOTOGRAPH_SIZE
    pixels = np.full((height, width, 3), (170, 140, 100), np.uint8)
    pixels += rng.integers(0, 20, (height, width, 1), dtype=np.uint8)
    pixels[(np.arange(height) // 120) % 2 == 0] += 30  # boards
    pixels[600:2600, 1300:2700] = pixels[600:1300, 700:3300] = (40 + 10 * seed, 60, 120)
    buffer = io.BytesIO()
    Image.fromarray(pixels).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()


def time_upload(page: Page, number: int) -> float:
    """Seconds from the choice of a 12-megapixel photograph to its predictions."""
    file: FilePayload = {"name": f"{number}.jpg", "mimeType": "image/jpeg", "buffer": make_photograph(number)}
    page.evaluate(MARK_ANSWERS_JS)
    page.evaluate("window.up = performance.now()")
    page.locator("input[type=file]").set_input_files(file)
    seconds = wait_for_seconds(page, WAIT_FOR_ANSWERS_JS)
    page.wait_for_timeout(1500)
    return seconds


def main() -> None:
    """Measure and print; the first of each kind don't count."""
    repeats = parse_repeats(__doc__, default=30)
    with dashboard_page() as (page, url):
        page.goto(f"{url}/try_it")
        wait_until_idle(page)
        time_stroke(page, GARMENT_OUTLINE)
        page.wait_for_timeout(2000)
        seconds = []
        for i in range(repeats + 3):
            x, y = 85 + 3 * (i % 37), 60 + 5 * (i % 35)
            seconds.append(time_stroke(page, [(x, y), (x + 12, y + 6), (x + 20, y)]))
            page.wait_for_timeout(700)
        percentile = f" 95th percentile {np.quantile(seconds[3:], 0.95):.3f}"
        print_timings("stroke end to answers", seconds[3:], percentile)
        page.goto(f"{url}/try_it?source=Upload")
        wait_until_idle(page)
        print_timings("12-megapixel upload to answers", [time_upload(page, i) for i in range(6)][1:])


if __name__ == "__main__":
    main()

"""From a key to the next picture on the page Review: ``python -m benchmarks.review [FOLDER] [--keys 100]``.

Sorts the pictures of FOLDER (default: 150 of the synthetic sample data) to a target that no threshold assures, so that
all are to be checked, and answers ``--keys`` of them in Chromium. Prints the median, the 95th percentile and the
longest time, by the browser's clock, from the key until the next picture is decoded and painted.
"""

import argparse
import os
import tempfile
from pathlib import Path

import numpy as np
from PIL import Image

from benchmarks.browser import dashboard_page
from fashion_core.__main__ import main as run_command
from fashion_core.data.sample_data import generate_sample_images
from tests.e2e.conftest import wait_until_idle

PAUSE = 400  # milliseconds between two keys: a fast person
KEY_SCRIPT = """async () => {
  const root = window.part(".labelling"), image = root.querySelector("img");
  const before = root.querySelector(".position").textContent.split(",")[0];
  const start = performance.now();
  root.dispatchEvent(new KeyboardEvent("keydown", { key: "1", bubbles: true }));
  while (root.querySelector(".position").textContent.split(",")[0] === before) {
    await new Promise(requestAnimationFrame);
  }
  await image.decode();
  await new Promise(requestAnimationFrame);
  return performance.now() - start;
}"""


def write_sample_pictures(folder: Path) -> None:
    """150 pictures of 600 by 600 pixels."""
    for number, image in enumerate(generate_sample_images(15, 0)[0]):
        Image.fromarray(image).resize((600, 600)).save(folder / f"{number:03}.jpg")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path, nargs="?")
    parser.add_argument("--keys", type=int, default=100)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        home = Path(temporary) / "home"
        os.environ["FASHION_HOME"] = str(home)
        source = args.folder or Path(temporary) / "pictures"
        if args.folder is None:
            source.mkdir()
            write_sample_pictures(source)
        run_command(["sort", str(source), "--out", str(Path(temporary) / "out"), "--run", "mlp", "--target", "99.99"])
        with dashboard_page(home) as (page, url):
            page.goto(f"{url}/review")
            wait_until_idle(page)
            page.get_by_label("Your name").fill("Ann")
            page.get_by_label("Your name").press("Enter")
            page.get_by_role("group", name="Say what each picture shows").focus()
            times = []
            for _ in range(args.keys):
                times.append(float(page.evaluate(KEY_SCRIPT)))
                page.wait_for_timeout(PAUSE)
            page.goto("about:blank")
    low, high = np.percentile(times, [50, 95])
    print(f"{len(times)} keys, {PAUSE} ms apart, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}")
    print(f"key to next picture: median {low:.0f} ms, 95th percentile {high:.0f} ms, longest {max(times):.0f} ms")


if __name__ == "__main__":
    main()

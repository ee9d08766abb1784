"""Takes pictures of the main pages, to be looked at: ``python tests/browser/screenshots.py [FOLDER]``.

Phone and desktop, light and dark, left to right and right to left, over a library of corpus/. Those for the
README go to docs/images.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser, sync_playwright

ROOT = Path(__file__).parent.parent.parent
QUESTION = "how does service relate to loyalty"
PAGES = {
    "home": "/",
    "search": f"/search?q={QUESTION}",
    "nothing": "/search?q=how do I slice a pineapple",
    "article": "",  # found by searching
    "lookup": "/lookup?q=loyalty",
    "languages": "/languages",
    "about": "/about",
    "api": "/api",
}
SIZES = {"phone": (390, 844), "desktop": (1280, 900)}
# For the README: name, page, size, theme, language of the interface.
SHOWN = (
    ("search", "search", "desktop", "light", "en"),
    ("arabic", "search", "desktop", "dark", "ar"),
    ("phone", "search", "phone", "light", "pl"),
)


@contextmanager
def _served() -> Iterator[str]:
    """The address of a server over a library made for this."""
    kb = [sys.executable, "-m", "webapp"]
    with tempfile.TemporaryDirectory() as folder:
        library = f"{folder}/kb"
        subprocess.run([*kb, "build", ROOT / "corpus", "--to", library], check=True, capture_output=True)
        command = [*kb, "serve", "--port", "0", "--kb", library]
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
            assert server.stdout is not None
            found = re.search(r"http://\S+?(?=/)", server.stdout.readline())
            assert found is not None
            yield found[0]
            server.terminate()


def _picture(browser: Browser, address: str, to: Path, size: str, theme: str, code: str, whole: bool) -> None:
    width, height = SIZES[size]
    context = browser.new_context(
        viewport={"width": width, "height": height},
        color_scheme="dark" if theme == "dark" else "light",
        locale=code,
    )
    # The browser's own translator is not everywhere: the picture shows what everyone has.
    context.add_init_script("delete self.Translator")
    page = context.new_page()
    page.goto(address)
    page.wait_for_load_state("networkidle")
    page.screenshot(path=to, full_page=whole)
    context.close()


def main(folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    images = ROOT / "docs" / "images"
    images.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    with _served() as address, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        page = browser.new_page()
        page.goto(f"{address}{PAGES['search']}")
        quotes = page.locator(".card", has_text="русский").locator("cite a")
        pages = {**PAGES, "article": quotes.first.get_attribute("href") or ""}
        for name, path in pages.items():
            for size in SIZES:
                for theme, code in (("light", "en"), ("dark", "en"), ("light", "ar"), ("dark", "ar")):
                    to = folder / f"{name}-{size}-{theme}-{code}.png"
                    _picture(browser, address + path, to, size, theme, code, name != "article")
        for name, what, size, theme, code in SHOWN:
            to = folder / f"shown-{name}.png"
            _picture(browser, address + pages[what], to, size, theme, code, False)
            Image.open(to).convert("RGB").save(images / f"{name}.webp", quality=82, method=6)
        browser.close()
    print(f"{len(list(folder.glob('*.png')))} pictures in {folder}, {len(SHOWN)} for the README in {images}")


if __name__ == "__main__":
    main(Path(sys.argv[1] if len(sys.argv) > 1 else "screenshots"))

"""Galleries full of photos, for tests in a browser."""

import io
from datetime import timedelta

from django.db import connection
from PIL import Image

from photos.imaging import images
from photos.models import Photo
from tests.builders import NOON

PHONE = {"width": 390, "height": 844}
DESKTOP = {"width": 1440, "height": 900}
SIZES = [(600, 400), (400, 600), (600, 450), (480, 480), (640, 360)]
# Through the gallery to its end or to `enough` photos, two screens at a time, noting the tiles in
# the document.
WALK = """
    async (enough) => {
      const frame = () => new Promise(requestAnimationFrame);
      const seen = new Set();
      const { documentElement: all } = document;
      const below = () => all.scrollHeight - window.innerHeight - window.scrollY;
      let [most, mostElements, doubles] = [0, 0, 0];
      for (let step = 0; step < 3000; step += 1) {
        const tiles = [...document.querySelectorAll(".tile")];
        const ids = tiles.map((tile) => Number(tile.id.slice(6)));
        ids.forEach((id) => seen.add(id));
        doubles += ids.length - new Set(ids).size;
        most = Math.max(most, tiles.length);
        mostElements = Math.max(mostElements, document.getElementsByTagName("*").length);
        if (enough && seen.size >= enough) break;
        if (below() < 2 && !document.querySelector(".pages a[rel=next]")) break;
        window.scrollBy({ top: 2 * window.innerHeight, behavior: "instant" });
        await frame();
        await frame();
      }
      return { seen: [...seen], doubles, most, mostElements };
    }
"""
# How far things moved that nobody touched.
SHIFTS = """
    window.shift = 0;
    new PerformanceObserver((list) => {
      for (const entry of list.getEntries()) {
        if (!entry.hadRecentInput) window.shift += entry.value;
      }
    }).observe({ type: "layout-shift", buffered: true });
"""
# Whether htmx has seen what asks for news: it comes once the first pictures are there.
ASKS = "document.querySelector('#news')?.['htmx-internal-data'] !== undefined"


def jpeg(size, shade):
    out = io.BytesIO()
    gradient = Image.linear_gradient("L").resize(size)
    Image.merge("RGB", [gradient, Image.new("L", size, shade), gradient]).save(out, "JPEG")
    return out.getvalue()


def fill(event, count):
    """Photos of several shapes, a minute apart."""
    kinds = [(size, jpeg(size, 40 * n)) for n, size in enumerate(SIZES)]
    likeness = images.blurhash(images.decode(kinds[0][1], min_side=None))
    Photo.objects.bulk_create(
        Photo(
            event=event,
            sha256=f"f{n:063x}",
            name=f"{n}.jpg",
            content_type="image/jpeg",
            byte_size=1,
            width=kinds[n % 5][0][0],
            height=kinds[n % 5][0][1],
            taken_at=NOON + timedelta(minutes=n),
            status=Photo.Status.READY,
            blurhash=likeness,
            thumbnail_data=kinds[n % 5][1],
            medium_data=kinds[n % 5][1],
            preview_data=kinds[n % 5][1],
        )
        for n in range(count)
    )
    return list(Photo.objects.in_event(event).newest_first())


def fill_without_pictures(event, count):
    """As `fill`, by one statement, for tests that do without the server's pictures."""
    fill(event, len(SIZES))
    fields = ", ".join(
        field.column
        for field in Photo._meta.concrete_fields
        if field.name not in {"id", "sha256", "taken_at"} and not field.name.endswith("_data")
    )
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO photos_photo (sha256, taken_at, {fields})"
            " SELECT md5(sha256 || n) || md5(sha256 || n), taken_at + n * interval '5 minutes',"
            f" {fields} FROM photos_photo CROSS JOIN generate_series(1, %s) AS n",
            [count // len(SIZES) - 1],
        )
    return list(Photo.objects.in_event(event).newest_first().values_list("pk", flat=True))


def shown_ids(page):
    return page.locator(".tile").evaluate_all("all => all.map(tile => Number(tile.id.slice(6)))")


def follow(page, link):
    """Until the page it leads to is whole: a click waits for its beginning only."""
    with page.expect_navigation():
        link.click()


def poll(page):
    """The page looks for news every few seconds by itself, and when one comes back to it."""
    for _ in range(300):
        if page.evaluate(ASKS):
            break
        page.wait_for_timeout(50)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")

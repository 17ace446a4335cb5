"""What a browser keeps, as tests ask for it."""

import time

ALL = """async () => {
  const found = {};
  for (const name of (await caches.keys()).sort()) {
    const requests = await (await caches.open(name)).keys();
    found[name.split("-")[0]] = requests.map(({ url }) => new URL(url).pathname).sort();
  }
  return found;
}"""
TEXTS = """async () => {
  const texts = [];
  for (const name of await caches.keys()) {
    const cache = await caches.open(name);
    for (const request of await cache.keys()) {
      const page = await cache.match(request, {ignoreVary: true});
      if (page.headers.get("Content-Type").startsWith("text/html")) texts.push(await page.text());
    }
  }
  return texts.join("\\n");
}"""
# As if kept on another day: its Date is when the server gave it.
BACKDATE = """async ([path, moment]) => {
  for (const name of await caches.keys()) {
    const cache = await caches.open(name), page = await cache.match(path, {ignoreVary: true});
    if (!page) continue;
    const headers = new Headers(page.headers);
    headers.set("Date", moment);
    await cache.put(path, new Response(await page.text(), {headers}));
  }
}"""


def kept(page):
    """Paths in each cache, without the version in its name."""
    return page.evaluate(ALL)


def pages_kept(page):
    """Their sources, one after another."""
    return page.evaluate(TEXTS)


def backdate(page, path, moment):
    page.evaluate(BACKDATE, [path, moment])


def until_kept(page, *paths):
    """The worker keeps pages while the reader goes on reading."""
    until = time.monotonic() + 20
    while missing := set(paths) - {path for found in kept(page).values() for path in found}:
        assert time.monotonic() < until, f"never kept: {missing}"
        page.wait_for_timeout(50)


def cut_off(page):
    page.context.set_offline(True)

// For a day without a network: keeps the style sheet, the home page and the guides that were opened, all as anybody
// sees them. The last result is kept by keep.js, and only where its reader asked for that.
"use strict";
const KNOWN = {{ known }};
const SHELL = "shell-" + KNOWN.version, GUIDES = "guides", RESULT = "result", LOOK = "/look";
const GUIDE = /^\/policies\/[^/]+\/$/;
const FILE = /^\/static\/(app|keep|icon)\b/;
// After these somebody else may hold the phone.
const PARTING = /^\/login\/|\/logout\/$|^\/check\/clear\/$|^\/me\/data\/close\/$/;
const EIGHT_HOURS = 28800000; // days are those of Guizhou

const cached = (path) => caches.match(path, { ignoreVary: true });
const dayOf = (moment) => new Date(moment + EIGHT_HOURS).toISOString().slice(0, 10);
const keptOn = (response) => dayOf(Date.parse(response.headers.get("Date")));

function words(day) {
  const [year, month, date] = day.split("-").map(Number);
  return (day.startsWith(dayOf(Date.now()).slice(0, 4)) ? "" : `${year} 年 `) + `${month} 月 ${date} 日`;
}

// Without cookies: nothing of a person comes back.
async function keep(name, path) {
  const response = await fetch(path, { credentials: "omit", cache: "reload" });
  if (!response.ok || response.redirected) return;
  if (/no-store|private/.test(response.headers.get("Cache-Control"))) return;
  await (await caches.open(name)).put(path, response);
}

async function install() {
  await (await caches.open(SHELL)).addAll(KNOWN.files);
  await Promise.all([keep(SHELL, KNOWN.home), keep(SHELL, KNOWN.offline)]);
}

async function activate() {
  const names = (await caches.keys()).filter((name) => ![SHELL, GUIDES, RESULT].includes(name));
  await Promise.all(names.map((name) => caches.delete(name)));
  await self.clients.claim();
}

// A page was opened, and this is how its reader has set the site. A page is kept once a day.
async function opened({ path, look }) {
  await (await caches.open(SHELL)).put(LOOK, new Response(look));
  if (path !== KNOWN.home && !GUIDE.test(path)) return;
  const before = await cached(path);
  if (before && keptOn(before) === dayOf(Date.now())) return;
  await keep(path === KNOWN.home ? SHELL : GUIDES, path);
}

async function arrive(request, path) {
  if (request.method === "POST") await caches.delete(RESULT);
  if (path === KNOWN.offline) return (await shown(path, "")) || fetch(request);
  try {
    return await fetch(request);
  } catch (failure) {
    const page = await cached(path);
    const isKept = page && request.method === "GET";
    const answer = isKept
      ? await shown(path, `没有网络，这是 ${words(keptOn(page))}的内容。`)
      : await shown(KNOWN.offline, request.method === "GET" ? "没有网络，这一页没有留下来。" : "没有网络，刚才的没有发出去。", 503);
    if (!answer) throw failure;
    return answer;
  }
}

async function shown(path, note, status = 200) {
  const page = await cached(path);
  if (!page) return null;
  const headers = new Headers(page.headers), look = await cached(LOOK);
  ["Content-Encoding", "Content-Length"].forEach((name) => headers.delete(name)); // as it was sent, not as it is here
  let html = await page.text();
  if (look) html = html.replace(/<html[^>]*>/, await look.text().then((tag) => () => tag));
  if (path === KNOWN.offline) {
    const rows = await shelf();
    html = html.replace(/(<ul[^>]*data-kept>)[^]*?(?=<\/ul>)/, (all, start) => start + rows);
  } else {
    note += ` <a href="${KNOWN.offline}">还能看什么</a>`;
  }
  if (note) html = html.replace(/<main[^>]*>/, (tag) => `${tag}<p class="note may" role="status">${note}</p>`);
  return new Response(html, { status, headers });
}

// What is here, each with the day it was kept.
async function shelf() {
  const rows = [[KNOWN.home, "首页"], [KNOWN.results, "记住的结果"]], guides = await caches.open(GUIDES);
  for (const { url } of await guides.keys()) {
    const html = await (await guides.match(url, { ignoreVary: true })).text();
    rows.push([new URL(url).pathname, html.match(/<h1[^>]*>([^<]*)/)[1]]);
  }
  const made = rows.map(async ([path, name]) => {
    const page = await cached(path);
    const day = page && words(keptOn(page));
    return page
      ? `<li><a class="go" href="${path}"><span class="x"><b>${name}</b><small>${day}的内容</small></span></a></li>`
      : "";
  });
  return (await Promise.all(made)).join("");
}

self.addEventListener("install", (event) => {
  self.skipWaiting();
  event.waitUntil(install());
});
self.addEventListener("activate", (event) => event.waitUntil(activate()));
self.addEventListener("message", (event) => event.waitUntil(opened(event.data).catch(() => {})));
self.addEventListener("fetch", (event) => {
  const { request } = event, { origin, pathname } = new URL(request.url);
  if (origin !== self.location.origin) return;
  const parting = request.method === "POST" && PARTING.test(pathname);
  if (request.mode === "navigate" && (parting || request.method === "GET")) {
    event.respondWith(arrive(request, pathname));
  } else if (FILE.test(pathname)) {
    const instead = async () => (await cached(pathname)) || (pathname.endsWith(".css") && cached(KNOWN.files[0]));
    event.respondWith(fetch(request).catch(async () => (await instead()) || Response.error()));
  }
});

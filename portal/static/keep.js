// What a page offers beyond being read: to stay for when there is no network (with /sw.js), to be passed on, to be read
// aloud. Whatever the browser cannot do stays hidden, as it is in the page.
"use strict";

const RESULTS = "/check/results/", RESULT = "result"; // the cache that /sw.js empties when somebody leaves

async function tellWorker() {
  await navigator.serviceWorker.register("/sw.js");
  const { active } = await navigator.serviceWorker.ready;
  active.postMessage({ path: location.pathname, look: document.documentElement.cloneNode().outerHTML.replace("</html>", "") });
}

// The result is kept as it is now, and again whenever it is opened, until that is taken back.
const isKept = async () => Boolean(await caches.match(RESULTS, { ignoreVary: true }));
async function keepResult(again = false) {
  const page = await fetch(RESULTS);
  if (!page.ok || page.redirected) throw new Error(page.status);
  if (again && !(await isKept())) return; // somebody has left meanwhile
  await (await caches.open(RESULT)).put(RESULTS, page);
}

async function offerToRemember(box) {
  const button = box.querySelector("button"), status = box.querySelector("[role=status]");
  const offer = button.textContent;
  const show = async () => { button.textContent = (await isKept()) ? "不再记住" : offer; };
  button.addEventListener("click", async () => {
    try {
      if (await isKept()) {
        await caches.delete(RESULT);
        status.textContent = "不记了，这台手机上的已经删掉。";
      } else {
        await keepResult();
        status.textContent = "记住了，没有网络也能看。登录、退出或清除回答，就会删掉。";
      }
    } catch {
      status.textContent = "没有记住。请连上网再试一次。";
    }
    show();
  });
  if (navigator.onLine && (await isKept())) await keepResult(true).catch(() => {});
  await show();
  box.hidden = false;
}

async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch { // not allowed, or an older browser
    const field = document.createElement("textarea");
    field.value = text;
    document.body.append(field);
    field.select();
    const done = document.execCommand("copy");
    field.remove();
    return done;
  }
}

function offerToCopy(box) {
  const button = box.querySelector("button"), status = box.querySelector("[role=status]");
  box.hidden = false;
  button.addEventListener("click", async () => {
    const done = await copied(new URL(box.dataset.copy, location).href);
    button.focus();
    status.textContent = done ? "链接复制好了，去微信里粘贴。" : "没复制上。请长按上面的链接复制。";
  });
}

function share(event) {
  event.preventDefault();
  const { href, dataset } = event.currentTarget;
  navigator.share({ title: dataset.share, url: href }).catch(() => {}); // they thought better of it
}

// Marks in the page say what is read, in its order: an element's text with a pause at each line, or the words in its
// data-say.
const spoken = (mark) =>
  (mark.dataset.say || mark.innerText.trim().replace(/\s*\n\s*/g, "，"))
    .replace(/\s+/g, " ")
    .replace(/([。：，])，/g, "$1")
    .replace(/\/(?=[年月天人])/g, "每")
    .trim();

function offerToRead(box) {
  const button = box.querySelector("button"), offer = button.textContent, speech = window.speechSynthesis;
  const voice = () => {
    const able = speech.getVoices().filter(({ lang }) => /^(zh|cmn)(?!.*HK)/i.test(lang));
    return able.find(({ lang }) => /CN|Hans/i.test(lang)) || able[0];
  };
  const look = () => { box.hidden = !voice(); };
  let reading = null;

  function stop() {
    if (!reading) return;
    reading = null;
    speech.cancel();
    button.textContent = offer;
  }

  function start() {
    const texts = [...document.querySelectorAll("main [data-say]")].map(spoken).filter(Boolean);
    const mine = (reading = texts.map((text) => { // long ones are cut off by some browsers, so each is its own
      const said = new SpeechSynthesisUtterance(text);
      Object.assign(said, { voice: voice(), lang: "zh-CN", rate: 0.9 });
      return said;
    }));
    speech.cancel(); // what another page left behind
    mine.at(-1).onend = () => { if (reading === mine) stop(); };
    mine.forEach((said) => {
      said.onerror = () => { if (reading === mine) stop(); };
      speech.speak(said);
    });
    button.textContent = "停下";
  }

  button.addEventListener("click", () => (reading ? stop() : start()));
  addEventListener("pagehide", stop);
  speech.addEventListener("voiceschanged", look); // many have their voices only after a while
  look();
}

const all = (mark, attend) => document.querySelectorAll(mark).forEach(attend);
if ("serviceWorker" in navigator && window.caches) {
  addEventListener("load", () => tellWorker().catch(() => {}));
  all("[data-remember]", offerToRemember);
}
all("[data-copy]", offerToCopy);
if (navigator.share) all("[data-share]", (link) => link.addEventListener("click", share));
if (window.speechSynthesis) all("[data-read]", offerToRead);
// Not every browser prints what is folded.
let folded = [];
addEventListener("beforeprint", () => {
  folded = [...document.querySelectorAll("details:not([open])")];
  folded.forEach((one) => { one.open = true; });
});
addEventListener("afterprint", () => folded.forEach((one) => { one.open = false; }));

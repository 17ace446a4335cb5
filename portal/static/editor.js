// The policy editor, nicer: buttons and choices change the form without loading the page, results follow the typing.
// Everything is drawn by the server; without this file the same buttons send the whole page.
(() => {
  const form = document.querySelector("[data-editor]");
  if (!form) return;
  const main = form.querySelector("[data-editor-form]");
  const preview = form.querySelector("[data-editor-preview]");
  const status = document.querySelector("[data-editor-status]");
  const PAUSE = 500;
  const CHOICES = /-(fact|op|param|kind|amount_kind|unknown|\w+_param|\w+_mode)$/;
  let waiting = 0;
  let asked = 0;
  form.classList.add("scripted");

  const typed = () => new URLSearchParams(new FormData(form)).toString();

  async function ask(part, button) {
    const body = new FormData(form);
    body.append("do", button);
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Editor": part } });
    if (response.redirected || !response.ok) throw new Error(response.status);
    return response.text();
  }

  async function redraw(button, focus) {
    const number = ++asked;
    const before = typed();
    main.setAttribute("aria-busy", "true");
    try {
      const text = await ask("form", button);
      if (number !== asked) return;
      // Whoever went on typing keeps what they typed: nothing is stored, so the form is simply asked for again.
      if (typed() !== before) return void redraw(button, focus);
      const open = [...main.querySelectorAll("fieldset > details[open]")].map((part) => part.parentElement.id);
      main.innerHTML = text;
      for (const id of open) document.getElementById(id)?.querySelector(":scope > details")?.setAttribute("open", "");
      look(focus);
      status.textContent = "已更新，还没有保存。";
      foresee();
    } catch {
      status.textContent = "没有连上或登录已过期。填的还在，请稍后再按一次。";
    } finally {
      main.removeAttribute("aria-busy");
    }
  }

  function look(focus) {
    const place = main.querySelector("[data-editor-focus]").value;
    const row = place && document.getElementById(place);
    const target = focus ? document.getElementById(focus) : row?.querySelector("select, input:not([type=hidden])") || row;
    if (target) target.focus();
  }

  function foresee() {
    if (!preview) return;
    clearTimeout(waiting);
    waiting = setTimeout(async () => {
      try {
        const before = typed();
        const text = await ask("preview", "preview");
        if (typed() === before) show(text);
      } catch {
        status.textContent = "结果没有算出来，请稍后再试。";
      }
    }, PAUSE);
  }

  function show(text) {
    const inside = preview.contains(document.activeElement) && document.activeElement.id;
    const open = [...preview.querySelectorAll("details[open] strong")].map((name) => name.textContent);
    preview.innerHTML = text;
    for (const shop of preview.querySelectorAll("details")) {
      shop.open = open.includes(shop.querySelector("strong").textContent);
    }
    const again = inside && document.getElementById(inside);
    if (again) {
      again.focus();
      if (again.value) again.setSelectionRange(again.value.length, again.value.length);
    }
  }

  form.addEventListener("submit", (event) => {
    const button = event.submitter;
    if (!button || button.name !== "do" || button.value === "save") return;
    event.preventDefault();
    if (button.value === "preview") ask("preview", "preview").then(show, () => (status.textContent = "没有算出来，请稍后再试。"));
    // The step before may move what this button stands beside.
    else if (main.hasAttribute("aria-busy")) status.textContent = "上一步还在更新，请稍后再按一次。";
    else redraw(button.value, null);
  });
  form.addEventListener("change", (event) => {
    if (CHOICES.test(event.target.name)) redraw("refresh:t", event.target.id);
  });
  form.addEventListener("input", foresee);
  main.querySelector("[data-editor-refused]")?.focus();
})();

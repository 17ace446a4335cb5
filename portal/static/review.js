// The case page, faster: verdicts are kept as they are given, keys do what the buttons do, pictures are zoomed and
// turned. Without this file the buttons send the form, and the pictures stand one below the other.
(() => {
  const form = document.querySelector("[data-case-form]");
  if (!form) return;
  const status = form.querySelector("[data-saved]");
  const rows = [...form.querySelectorAll("[data-row]")];
  const files = [...document.querySelectorAll("[data-file]")];
  const keys = document.querySelector("[data-keys]");
  const decide = document.querySelector("[data-decide]");
  const NEEDS_A_WORD = new Set(["staff", "fail", "unknown", "wait"]);
  const TURNS = ["", "is-turned-1", "is-turned-2", "is-turned-3"];
  const KEPT = "review-keys";
  let saving = Promise.resolve();
  let unsaved = 0;

  // Keeping verdicts

  function save() {
    unsaved += 1;
    saving = saving.then(send).catch(() => {
      if (status) status.textContent = "没有存上，可能断网或登录已过期。您选的还在，请稍后按“保存结论”。";
    }).finally(() => { unsaved -= 1; });
    return saving;
  }

  async function send() {
    const body = new FormData(form);
    body.append("do", "save");
    const response = await fetch(form.action, { method: "POST", body, headers: { "X-Review": "1" } });
    if (response.redirected) throw new Error("signed out");
    const told = await response.json();
    if (told.problem) {
      status.textContent = told.problem;
      return;
    }
    form.elements.expected_version.value = told.version;
    form.elements.seen.value = told.seen;
    form.dataset.clean = told.clean ? "yes" : "no";
    status.textContent = `已保存 ${told.saved}`;
    show(told);
  }

  function show(told) {
    const list = document.querySelector("[data-unmet]");
    list.replaceChildren(...told.unmet.map((reason) => {
      const item = document.createElement("li");
      item.textContent = reason;
      return item;
    }));
    document.querySelector("[data-unmet-box]").hidden = told.unmet.length === 0;
    if (told.overridden) decide.open = true;
  }

  form.addEventListener("change", save);
  form.addEventListener("submit", (event) => {
    if (!unsaved) return;
    event.preventDefault();
    saving.then(() => form.requestSubmit(event.submitter));
  });

  // Rows

  const radio = (row, number) => row.querySelectorAll("input[type=radio]")[number - 1];
  const waits = (row) => NEEDS_A_WORD.has(row.dataset.result) && !row.querySelector("input[type=radio]:checked");
  let current = Math.max(rows.findIndex(waits), 0);

  function go(place) {
    if (!rows[place]) return;
    rows[current].classList.remove("is-current");
    current = place;
    rows[current].classList.add("is-current");
    rows[current].focus({ preventScroll: true });
    rows[current].scrollIntoView({ block: "nearest" });
  }

  function judge(number) {
    const choice = rows[current] && radio(rows[current], number);
    if (!choice) return;
    choice.checked = true;
    save();
    const following = rows.findIndex((row, place) => place > current && waits(row));
    if (following >= 0) go(following);
  }

  // Deciding

  async function pass() {
    await saving;
    const button = document.querySelector("[data-key=a]");
    if (!button) return;
    if (form.dataset.clean === "yes") {
      form.requestSubmit(button);
      return;
    }
    if (decide) {
      decide.open = true;
      decide.querySelector("textarea").focus();
    } else {
      button.focus();
    }
  }

  const press = (key) => document.querySelector(`[data-key=${key}]`)?.click();

  // Pictures

  let shown = -1;

  function look(place) {
    if (!files.length) return;
    shown = place % files.length;
    files[shown].focus({ preventScroll: true });
    files[shown].scrollIntoView({ block: "start" });
  }

  function zoom(file) {
    const picture = file?.querySelector(".case-picture");
    if (!picture) return;
    const button = file.querySelector("[data-zoom]");
    button.setAttribute("aria-pressed", String(picture.classList.toggle("is-zoomed")));
  }

  function turn(file) {
    const picture = file.querySelector(".case-picture");
    const now = TURNS.findIndex((name) => name && picture.classList.contains(name));
    const place = Math.max(now, 0);
    if (TURNS[place]) picture.classList.remove(TURNS[place]);
    const next = TURNS[(place + 1) % TURNS.length];
    if (next) picture.classList.add(next);
  }

  for (const file of files) {
    const tools = file.querySelector("[data-tools]");
    if (!tools) continue;
    tools.hidden = false;
    file.querySelector("[data-zoom]").addEventListener("click", () => zoom(file));
    file.querySelector("[data-turn]").addEventListener("click", () => turn(file));
  }

  // Keys

  const actions = {
    j: () => go(current + 1),
    k: () => go(current - 1),
    1: () => judge(1),
    2: () => judge(2),
    3: () => judge(3),
    a: pass,
    b: () => press("b"),
    r: () => press("r"),
    n: () => look(shown + 1),
    z: () => zoom(files[Math.max(shown, 0)]),
  };

  if (keys) {
    keys.checked = localStorage.getItem(KEPT) !== "off";
    keys.addEventListener("change", () => localStorage.setItem(KEPT, keys.checked ? "on" : "off"));
    if (keys.checked && rows.length) rows[current].classList.add("is-current");
  }

  document.addEventListener("keydown", (event) => {
    if (!keys?.checked || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    if (event.target.matches("textarea, select, input:not([type=radio], [type=checkbox])")) return;
    const action = actions[event.key.toLowerCase()];
    if (!action) return;
    event.preventDefault();
    action();
  });
})();

// The command palette: opened by Ctrl/Cmd+K or a button, a combobox over a list that the server answers.
"use strict";

(() => {
  const dialog = document.getElementById("palette");
  if (!dialog) return;
  const form = document.getElementById("palette-form"), input = document.getElementById("palette-input");
  const list = document.getElementById("palette-list"), said = document.getElementById("palette-said");
  const loading = document.getElementById("palette-loading").innerHTML;
  /* So long nobody is asked while somebody types; from then on waiting is shown. Milliseconds. */
  const PAUSE = 160, SLOW = 200, MOST = 6;

  /* ---- What was opened lately: kinds and keys only, in this tab only; the server gives their names ---- */
  const kept = `opened:${dialog.dataset.who}`, here = document.getElementById("page").dataset.thing;
  const opened = () => { try { return JSON.parse(sessionStorage.getItem(kept)) || []; } catch { return []; } };
  if (here) sessionStorage.setItem(kept, JSON.stringify([here, ...opened().filter((one) => one !== here)].slice(0, MOST)));

  /* ---- Opening and closing: nothing that was typed stays behind ---- */
  const isMac = /Mac|iPhone|iPad/.test(navigator.platform);
  document.querySelectorAll("[data-palette] kbd").forEach((key) => { key.textContent = isMac ? "⌘K" : "Ctrl K"; });
  function open() {
    if (document.querySelector("dialog[open]")) return;
    dialog.showModal();
    input.focus();
    ask();
  }
  dialog.addEventListener("close", () => { clearTimeout(timer); asked?.abort(); input.value = ""; show(""); });
  document.addEventListener("click", (event) => { if (event.target.closest("[data-palette]")) open(); });
  document.addEventListener("keydown", (event) => {
    if (!(event.metaKey || event.ctrlKey) || event.altKey || event.shiftKey || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (dialog.open) dialog.close(); else open();
  });
  document.addEventListener("palette", open);

  /* ---- Asking: a pause after the last key, the older question is called off; not in the middle of pinyin ---- */
  let timer, asked, goes = false;
  input.addEventListener("input", (event) => { if (!event.isComposing) later(); });
  input.addEventListener("compositionend", later);
  form.addEventListener("submit", (event) => event.preventDefault());
  function later() {
    clearTimeout(timer);
    asked?.abort();
    list.setAttribute("aria-busy", "true");
    timer = setTimeout(ask, PAUSE);
  }
  async function ask() {
    const mine = asked = new AbortController(), body = new FormData(form);
    for (const one of opened()) if (one !== here) body.append("recent", one);
    list.setAttribute("aria-busy", "true");
    const slow = setTimeout(() => { if (!list.firstElementChild) list.innerHTML = loading; }, SLOW);
    try {
      const answer = await fetch(form.action, { method: "POST", body, signal: mine.signal, redirect: "manual", headers: { Accept: "text/html" } });
      /* Whoever was logged out meanwhile, or must set up a second factor, is led there by the page itself. */
      if (answer.type === "opaqueredirect") { location.reload(); return; }
      if (!answer.ok) throw new Error(`answered ${answer.status}`);
      show(await answer.text());
      if (goes) choose();
    } catch {
      if (mine.signal.aborted) return;
      show("");
      said.textContent = texts.failed;
    } finally {
      clearTimeout(slow);
      if (mine === asked) { list.removeAttribute("aria-busy"); goes = false; }
    }
  }

  /* ---- The list: one option is active, the field keeps the focus ---- */
  const options = () => [...list.querySelectorAll("[role=option]")];
  const active = () => document.getElementById(input.getAttribute("aria-activedescendant") || "");
  function show(html) {
    list.innerHTML = html;
    list.scrollTop = 0;
    said.textContent = list.firstElementChild?.dataset.said || "";
    activate(options()[0]);
  }
  function activate(option) {
    active()?.setAttribute("aria-selected", "false");
    if (!option) { input.removeAttribute("aria-activedescendant"); return; }
    option.setAttribute("aria-selected", "true");
    input.setAttribute("aria-activedescendant", option.id);
  }
  function move(step) {
    const all = options(), place = all.indexOf(active());
    const option = all[(place + step + all.length) % all.length];
    activate(option);
    option?.scrollIntoView({ block: "nearest" });
  }
  /* Who presses Enter before the answer is there means the first one of the answer. */
  function choose() { if (list.hasAttribute("aria-busy") && !goes) goes = true; else active()?.click(); }
  input.addEventListener("keydown", (event) => {
    if (event.isComposing || event.keyCode === 229) return;
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step) { event.preventDefault(); move(step); }
    if (event.key === "Enter") { event.preventDefault(); choose(); }
  });
  list.addEventListener("pointermove", (event) => { const option = event.target.closest("[role=option]"); if (option && option !== active()) activate(option); });
  list.addEventListener("click", (event) => { if (event.target.closest("[role=option]")) setTimeout(() => dialog.close()); });
})();

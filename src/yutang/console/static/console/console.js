// What the console's pages do in the browser: dialogs, hints, theme, search key, toasts, filters, drafts, dropped files.
"use strict";

const texts = JSON.parse(document.getElementById("script-texts").textContent);

/* ---- Dialogs and drawers: [data-open=id], [data-close]; a click on the veil closes ---- */
document.addEventListener("click", (event) => {
  const opener = event.target.closest("[data-open]");
  if (opener) {
    const dialog = document.getElementById(opener.dataset.open);
    if (dialog) { dialog.showModal(); fillFrom(opener, dialog); }
    return;
  }
  if (event.target.closest("[data-close]")) { event.target.closest("dialog")?.close(); return; }
  if (event.target.closest("[data-dismiss]")) { event.target.closest(".toast").remove(); return; }
  if (event.target instanceof HTMLDialogElement && event.target.open) event.target.close();
});

// An address ending in #open-NAME, as the palette gives it, opens that dialog; the address is then as if it had not asked.
function openAsked() {
  const dialog = location.hash.startsWith("#open-") && document.getElementById(location.hash.slice("#open-".length));
  if (!(dialog instanceof HTMLDialogElement)) return;
  document.querySelector("dialog[open]")?.close();
  history.replaceState(history.state, "", location.pathname + location.search);
  dialog.showModal();
}
addEventListener("hashchange", openAsked);
addEventListener("DOMContentLoaded", openAsked);

// A button that opens a shared dialog says with data-fill-NAME what the fields and words in it should hold.
function fillFrom(opener, dialog) {
  for (const [name, value] of Object.entries(opener.dataset)) {
    if (!name.startsWith("fill")) continue;
    const key = name.slice(4).toLowerCase();
    for (const field of dialog.querySelectorAll(`[name="${key}"]`)) field.value = value;
    for (const place of dialog.querySelectorAll(`[data-place="${key}"]`)) place.textContent = value;
    if (key === "action") dialog.querySelector("form").action = value;
  }
}

/* ---- The menu: which sections stand open is kept for the next page; the browser itself folds them ---- */
document.addEventListener("click", (event) => {
  const section = event.target.closest(".side-group > summary")?.parentElement;
  if (!section) return;
  const side = section.closest(".side"), open = new Set(side.dataset.menu.split(".").filter(Boolean));
  // Its state changes only after the click.
  if (section.open) open.delete(section.dataset.section); else open.add(section.dataset.section);
  side.dataset.menu = [...open].join(".");
  document.cookie = `yutang_menu=${side.dataset.menu}; path=/; max-age=31536000; samesite=lax`;
});

/* ---- What a number means: on hover over it, on focus of its question mark, on tap; Esc and leaving close it ---- */
const OPEN_AFTER = 260, CLOSE_AFTER = 220;
let opening, closing;
const bubbleOf = (mark) => document.getElementById(mark.getAttribute("popovertarget"));
const markOf = (bubble) => document.querySelector(`[popovertarget="${bubble.id}"]`);
// The bubble stands under its question mark, or under the whole figure so that this stays in sight, and inside the window.
function placeBubble(bubble) {
  const mark = markOf(bubble), own = mark.getBoundingClientRect(), whole = (mark.closest("[data-explains]") || mark).getBoundingClientRect();
  // A figure with its chart is too high for that: there the bubble stands under the mark.
  const figure = whole.bottom - own.bottom > 96 ? own : whole;
  const middle = mark.getBoundingClientRect().left + mark.offsetWidth / 2, width = bubble.offsetWidth, height = bubble.offsetHeight;
  const below = figure.bottom + 6, above = figure.top - height - 6;
  const top = below + height + 12 <= innerHeight || above < 12 ? below : above;
  bubble.style.left = `${Math.max(12, Math.min(middle - width / 2, innerWidth - width - 12))}px`;
  bubble.style.top = `${Math.max(12, Math.min(top, innerHeight - height - 12))}px`;
}
function explain(mark, why) {
  const bubble = bubbleOf(mark);
  if (bubble.matches(":popover-open")) return;
  bubble.dataset.why = why;
  bubble.showPopover();
  placeBubble(bubble);
}
document.addEventListener("toggle", (event) => {
  const bubble = event.target;
  if (!(bubble instanceof HTMLElement) || !bubble.classList.contains("bubble")) return;
  if (event.newState === "open") placeBubble(bubble); else delete bubble.dataset.why;
}, true);
document.addEventListener("pointerover", (event) => {
  if (event.pointerType !== "mouse") return;
  const zone = event.target.closest?.(".bubble, .hint, [data-explains]");
  const bubble = zone && (zone.classList.contains("bubble") ? zone : bubbleOf(zone.matches(".hint") ? zone : zone.querySelector(".hint")));
  const hovered = document.querySelector('.bubble[data-why="hover"]');
  clearTimeout(opening);
  if (hovered && hovered === bubble) { clearTimeout(closing); closing = undefined; return; }
  if (hovered && !closing) closing = setTimeout(() => { closing = undefined; if (hovered.dataset.why === "hover") hovered.hidePopover(); }, CLOSE_AFTER);
  if (bubble && !document.querySelector(".bubble:popover-open:not([data-why=hover])")) opening = setTimeout(() => explain(markOf(bubble), "hover"), OPEN_AFTER);
});
document.addEventListener("focusin", (event) => { if (event.target.matches?.(".hint:focus-visible")) explain(event.target, "focus"); });
document.addEventListener("focusout", (event) => {
  const zone = event.target.closest?.(".hint, .bubble"), bubble = zone && (zone.matches(".bubble") ? zone : bubbleOf(zone));
  const next = event.relatedTarget;
  if (bubble?.dataset.why === "focus" && next !== markOf(bubble) && !bubble.contains(next)) bubble.hidePopover();
});
// A press on the mark of a bubble that hover or focus opened keeps it open; the next one closes it.
document.addEventListener("click", (event) => {
  const mark = event.target.closest?.(".hint"), bubble = mark && bubbleOf(mark);
  if (bubble?.matches(":popover-open") && ["hover", "focus"].includes(bubble.dataset.why)) { event.preventDefault(); bubble.dataset.why = "press"; }
});

/* ---- Theme: at once in the page, kept by the server ---- */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("[data-theme-form]");
  if (!form || event.defaultPrevented) return;
  event.preventDefault();
  const root = document.documentElement;
  const dark = root.dataset.theme === "dark" || (root.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  const theme = dark ? "light" : "dark";
  root.dataset.theme = theme;
  const body = new FormData(form);
  body.set("theme", theme);
  fetch(form.action, { method: "POST", body, redirect: "manual" }).catch(() => toast(texts.failed, "error"));
  document.dispatchEvent(new CustomEvent("themechange"));
});
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => document.dispatchEvent(new CustomEvent("themechange")));

/* ---- Loading: a bar at the top while the next page, or a part of this one, is on its way ---- */
let partsOnTheWay = 0, pressed = null;
function busy(is) {
  document.documentElement.toggleAttribute("data-busy", is || partsOnTheWay > 0);
  document.getElementById("page")?.setAttribute("aria-busy", String(is || partsOnTheWay > 0));
  if (!is && pressed) { pressed.removeAttribute("aria-busy"); pressed = null; }
}
document.addEventListener("click", (event) => {
  const link = event.target.closest("a[href]");
  if (!link || event.defaultPrevented || event.button || event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
  if (link.target || link.hasAttribute("download") || link.origin !== location.origin || /export|download/.test(link.pathname)) return;
  if (link.hash && link.pathname === location.pathname && link.search === location.search) return;
  busy(true);
});
document.addEventListener("submit", (event) => {
  if (event.defaultPrevented || /export/.test(event.target.action)) return;
  busy(true);
  // The same form is not sent twice by an impatient finger.
  pressed = event.submitter;
  pressed?.setAttribute("aria-busy", "true");
});
const waitsForIt = (event) => !event.detail.elt?.matches?.('[hx-trigger*="every"]');
document.addEventListener("htmx:beforeRequest", (event) => { if (waitsForIt(event)) { partsOnTheWay += 1; busy(false); } });
document.addEventListener("htmx:afterRequest", (event) => { if (waitsForIt(event)) { partsOnTheWay = Math.max(0, partsOnTheWay - 1); busy(false); } });
addEventListener("pageshow", () => busy(false));

/* ---- Search: "/" goes to the search field of the page; where there is none, to the palette ---- */
document.addEventListener("keydown", (event) => {
  const typing = event.target.closest?.("input, textarea, select, [contenteditable]");
  if (event.key !== "/" || typing || document.querySelector("dialog[open]")) return;
  event.preventDefault();
  const field = document.querySelector("main input[type=search]");
  if (field) { field.focus(); field.select(); } else document.dispatchEvent(new CustomEvent("palette"));
});
// Only the row of pills is scrolled, never the page.
const chosenPill = document.querySelector(".scroll-pills [aria-current]"), pillRow = chosenPill?.closest(".scroll-pills");
if (pillRow) pillRow.scrollLeft += chosenPill.getBoundingClientRect().left - pillRow.getBoundingClientRect().left - (pillRow.clientWidth - chosenPill.offsetWidth) / 2;

/* ---- Toasts ---- */
function toast(text, level = "info") {
  const box = document.createElement("div");
  box.className = `toast toast-${level}`;
  box.setAttribute("role", level === "error" ? "alert" : "status");
  box.innerHTML = '<svg class="icon" aria-hidden="true"><use/></svg><p></p><button type="button" data-dismiss><svg class="icon icon-s" aria-hidden="true"><use href="#i-close"/></svg></button>';
  box.querySelector("use").setAttribute("href", level === "error" ? "#i-alert" : "#i-check");
  box.querySelector("p").textContent = text;
  box.querySelector("button").setAttribute("aria-label", texts.close);
  document.getElementById("toasts").append(box);
  retire(box);
}
function retire(box) {
  if (box.classList.contains("toast-error")) return;
  if (box.dataset.retires) return;
  box.dataset.retires = "1";
  const leave = () => { if (box.matches(":hover, :focus-within")) setTimeout(leave, 2000); else box.remove(); };
  // What can be undone stays longer.
  setTimeout(leave, box.querySelector("form") ? 15000 : 7000);
}
// Ctrl/Cmd+Z takes back what the latest toast offers to undo.
document.addEventListener("keydown", (event) => {
  if (!(event.ctrlKey || event.metaKey) || event.shiftKey || event.key.toLowerCase() !== "z" || event.target.closest?.("input, textarea, select, dialog")) return;
  const form = [...document.querySelectorAll(".toast form")].pop();
  if (form) { event.preventDefault(); form.requestSubmit(); }
});
document.querySelectorAll(".toast").forEach(retire);
document.addEventListener("htmx:sendError", () => toast(texts.failed, "error"));

/* ---- Filters that apply at once ---- */
document.addEventListener("change", (event) => {
  const field = event.target.closest("[data-autosubmit]");
  if (field) field.form.requestSubmit();
});
// A chosen column shows its first cells beside it.
document.addEventListener("change", (event) => {
  const choice = event.target.closest("[data-sample]");
  if (!choice) return;
  const samples = JSON.parse(document.getElementById(choice.dataset.sample).textContent);
  choice.parentElement.querySelector("output").textContent = samples[choice.value] || "";
});
// A list that belongs to one of several radios, [data-chooses=id]: a choice in it chooses that radio, and another radio empties it.
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("select[data-chooses]")) { if (field.value) document.getElementById(field.dataset.chooses).checked = true; return; }
  if (field.type !== "radio" || !field.form) return;
  for (const list of field.form.querySelectorAll("select[data-chooses]")) {
    const own = document.getElementById(list.dataset.chooses);
    if (own.name === field.name && own !== field) list.value = "";
  }
});
// A list of what is left beside a choice of radios, [data-other-than=NAME]: what is chosen there is not offered here.
function leaveOut(list) {
  const taken = new FormData(list.form).get(list.dataset.otherThan);
  for (const option of list.options) option.hidden = option.disabled = Boolean(option.value) && option.value === taken;
  if (list.value === taken) list.value = "";
}
document.addEventListener("change", (event) => event.target.form?.querySelectorAll("select[data-other-than]").forEach(leaveOut));
document.querySelectorAll("select[data-other-than]").forEach(leaveOut);
// Empty filters do not clutter the address.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.method !== "get" || event.defaultPrevented) return;
  for (const field of form.elements) if (field.name && !field.value) field.disabled = true;
  setTimeout(() => { for (const field of form.elements) field.disabled = false; });
});

// A link that is shown once is chosen whole, so that it can be copied.
document.addEventListener("focusin", (event) => { if (event.target.matches?.("input[data-select]")) event.target.select(); });

/* ---- Forms that change a part of the page: [data-swap=selector]; a refusal keeps what was written ---- */
document.addEventListener("submit", (event) => {
  const form = event.target.closest("form[data-swap]");
  if (!form || !window.htmx) return;
  event.preventDefault();
  form.addEventListener("htmx:afterRequest", (ended) => {
    if (!ended.detail.successful) return;
    form.closest("dialog")?.close();
    form.closest(".toast")?.remove();
    form.reset();
    // The button that was pressed is gone: the keyboard goes on from the part that changed.
    const part = document.querySelector(form.dataset.swap);
    part.tabIndex = -1;
    part.focus({ preventScroll: true });
  }, { once: true });
  htmx.ajax("POST", form.action + location.search, { source: form, target: form.dataset.swap, swap: "innerHTML" });
});

/* ---- What is wrong with a field stands at the field, in the language of the page: the browser's bubbles speak its own ---- */
function faultOf(field) {
  const state = field.validity, words = texts.fields, type = field.type;
  const limits = { tooShort: field.minLength, tooLong: field.maxLength, rangeUnderflow: field.min, rangeOverflow: field.max, stepMismatch: field.step };
  if (state.customError) return field.validationMessage;
  if (state.valueMissing) return words[type === "checkbox" ? "tick" : type === "file" ? "file" : type === "radio" || field.matches("select") ? "choose" : "valueMissing"];
  if (state.typeMismatch) return words[type] || words.badInput;
  if (state.badInput) return words[type === "number" ? "number" : /date|time|month|week/.test(type) ? "date" : "badInput"];
  const wrong = ["tooShort", "tooLong", "rangeUnderflow", "rangeOverflow", "stepMismatch", "patternMismatch"].find((name) => state[name]);
  return (words[wrong] || words.badInput).replace("%", limits[wrong]) + (wrong === "patternMismatch" && field.title ? ` ${field.title}` : "");
}
// Radios of one name are one question: what is wrong is said once, after the last of them.
const askedWith = (field) => (field.type === "radio" ? [...field.form.elements].filter((one) => one.name === field.name) : [field]);
const faultId = (field) => `fault-${field.form?.id || ""}-${field.id || field.name}`;
function unsay(field) {
  const said = document.getElementById(faultId(field));
  if (!said) return;
  said.remove();
  for (const one of askedWith(field)) {
    one.removeAttribute("aria-invalid");
    const others = (one.getAttribute("aria-describedby") || "").split(" ").filter((id) => id && id !== said.id);
    if (others.length) one.setAttribute("aria-describedby", others.join(" ")); else one.removeAttribute("aria-describedby");
  }
}
function say(field) {
  unsay(field);
  const fields = askedWith(field), last = fields.at(-1), said = document.createElement("span");
  said.id = faultId(field);
  said.className = "error";
  said.textContent = faultOf(field);
  for (const one of fields) {
    one.setAttribute("aria-invalid", "true");
    one.setAttribute("aria-describedby", [said.id, one.getAttribute("aria-describedby")].filter(Boolean).join(" "));
  }
  const row = last.closest(".field, fieldset"), label = last.closest("label");
  if (row && row.querySelectorAll("input:not([type=hidden]), select, textarea").length <= fields.length) row.append(said); else (label || last).after(said);
}
let firstWrong = null;
document.addEventListener("invalid", (event) => {
  const field = event.target;
  if (!field.form) return;
  event.preventDefault();
  say(field);
  if (firstWrong) return;
  firstWrong = field;
  setTimeout(() => { firstWrong = null; });
  for (let fold = field.closest("details"); fold; fold = fold.parentElement.closest("details")) fold.open = true;
  field.focus();
}, true);
for (const name of ["input", "change"]) document.addEventListener(name, (event) => { if (event.target.validity?.valid) unsay(event.target); });
document.addEventListener("reset", (event) => { for (const field of event.target.elements) unsay(field); });

/* ---- Drafts: a form with data-keep survives back, refresh, a closed dialog and a refusal, until what it says is kept ---- */
// Fields of one name (four thresholds, choices of a role) are told apart by their order.
const keptFields = (form) => [...form.elements].filter((field) => field.name && !["hidden", "password", "file", "submit", "button"].includes(field.type));
const stateOf = (field) => (["checkbox", "radio"].includes(field.type) ? field.checked : field.value);
function draftKey(form) { return `draft:${document.documentElement.dataset.me || ""}:${form.dataset.keep}`; }
function writeDraft(form, sent) {
  try { sessionStorage.setItem(draftKey(form), JSON.stringify({ sent, fields: keptFields(form).map((field) => [field.name, stateOf(field)]) })); } catch { /* A full or forbidden store: the page works without drafts. */ }
}
function readDraft(key) {
  try { const kept = JSON.parse(sessionStorage.getItem(key) || "null"); return Array.isArray(kept?.fields) ? kept : null; } catch { return null; }
}
// What was sent stays a draft where the answer was a refusal, or the log-in because the session had ended.
const refused = !document.querySelector(".shell") || Boolean(document.querySelector("[data-refused], .toast-error, form [role=alert]"));
for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("draft:"))) {
  const kept = readDraft(key);
  if (!kept?.sent) continue;
  if (refused) sessionStorage.setItem(key, JSON.stringify({ sent: false, refused: true, fields: kept.fields })); else sessionStorage.removeItem(key);
}
// Who logs out leaves nothing behind in the tab.
document.addEventListener("submit", (event) => {
  if (!/\/logout\/$/.test(event.target.action)) return;
  for (const key of Object.keys(sessionStorage).filter((name) => name.startsWith("draft:"))) sessionStorage.removeItem(key);
});
function keepDraft(form) {
  const key = draftKey(form), kept = readDraft(key), fields = keptFields(form);
  if (kept) {
    const taken = new Map();
    let restored = false;
    for (const field of fields) {
      const place = taken.get(field.name) || 0, written = kept.fields.filter(([name]) => name === field.name)[place];
      taken.set(field.name, place + 1);
      if (!written || written[1] === stateOf(field)) continue;
      if (typeof written[1] === "boolean") field.checked = written[1]; else field.value = written[1];
      restored = true;
    }
    if (!restored) { sessionStorage.removeItem(key); return listenForDraft(form); }
    tellOfDraft(form, key);
    // What is counted beside the form follows what was written again.
    if (form.hasAttribute("hx-get")) setTimeout(() => form.dispatchEvent(new Event("change")));
    // What was refused is opened again where it was written.
    const dialog = form.closest("dialog");
    if (kept.refused && refused && dialog && !document.querySelector("dialog[open]")) dialog.showModal();
  }
  return listenForDraft(form);
}
function listenForDraft(form) {
  form.addEventListener("input", () => writeDraft(form, false));
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) writeDraft(form, true); });
}
function tellOfDraft(form, key, discarded = () => form.reset()) {
  const box = document.createElement("p"), button = document.createElement("button");
  box.className = "draft-note";
  box.setAttribute("role", "status");
  box.textContent = `${texts.unsaved} `;
  button.type = "button";
  button.className = "btn btn-small";
  button.textContent = texts.discard;
  button.addEventListener("click", () => { sessionStorage.removeItem(key); box.remove(); discarded(); });
  box.append(button);
  const fold = form.closest("details");
  if (fold) fold.open = true;
  form.prepend(box);
}
function prepare(root) {
  root.querySelectorAll("form[data-keep]").forEach((form) => { if (!form.dataset.kept) { form.dataset.kept = "1"; keepDraft(form); } });
  root.querySelectorAll(".toast").forEach(retire);
}
prepare(document);
document.addEventListener("htmx:load", (event) => { prepare(event.detail.elt); if (event.detail.elt.matches?.(".toast")) retire(event.detail.elt); });

/* ---- The builder of rules: its steps are a draft too, which the server draws again ---- */
const stepsOf = (form) => [...new FormData(form)].filter(([name, value]) => name !== "csrfmiddlewaretoken" && name !== "work" && typeof value === "string");
document.querySelectorAll("form[data-keep-steps]").forEach((form) => {
  const key = `draft:${document.documentElement.dataset.me || ""}:${form.dataset.keepSteps}`, kept = readDraft(key);
  // Once it is sent nothing is written any more: a preview that answers late would make a draft of what is kept.
  let left = false;
  const write = (sent) => { if (!left) sessionStorage.setItem(key, JSON.stringify({ sent, fields: stepsOf(form) })); };
  addEventListener("pageshow", (event) => { if (event.persisted) left = false; });
  const written = (fields) => JSON.stringify(fields.filter(([name]) => name !== "seen"));
  if (kept && written(kept.fields) !== written(stepsOf(form))) {
    const values = {};
    for (const [name, value] of kept.fields) values[name] = name in values ? [].concat(values[name], value) : value;
    // A draft goes on from the segment that it was made of, so that what others saved meanwhile is not overwritten unseen.
    for (const field of form.elements) if (field.name in values && (field.name === "name" || (field.name === "seen" && !kept.refused))) field.value = values[field.name];
    tellOfDraft(form, key, () => location.reload());
    htmx.ajax("POST", form.dataset.stepsUrl, { source: document.body, target: "#tree", swap: "innerHTML", values });
  }
  form.addEventListener("input", () => write(false));
  form.addEventListener("htmx:afterSettle", () => write(false));
  form.addEventListener("submit", (event) => { if (!event.defaultPrevented) { write(true); left = true; } });
});

/* ---- Dropped files: chosen or dropped, sent at once with visible progress ---- */
document.querySelectorAll("[data-drop]").forEach((form) => {
  const zone = form.querySelector(".drop"), input = form.querySelector("input[type=file]"), bar = form.querySelector("progress");
  for (const name of ["dragenter", "dragover"]) zone.addEventListener(name, () => zone.classList.add("over"));
  for (const name of ["dragleave", "drop"]) zone.addEventListener(name, () => zone.classList.remove("over"));
  input.addEventListener("change", () => { if (input.files.length) send(form, zone, input, bar); });
});
function send(form, zone, input, bar) {
  const request = new XMLHttpRequest(), body = new FormData(form);
  zone.querySelector("strong").textContent = `${texts.uploading} ${input.files[0].name}`;
  bar.hidden = false;
  request.upload.addEventListener("progress", (event) => { if (event.lengthComputable) { bar.max = event.total; bar.value = event.loaded; } });
  // The answer names the next page instead of leading there: a page that is fetched and not shown would use up its messages.
  request.addEventListener("load", () => { if (form.dataset.keep) writeDraft(form, true); location.assign(request.getResponseHeader("X-Next") || location.href); });
  request.addEventListener("error", () => { bar.hidden = true; toast(texts.failed, "error"); });
  request.open("POST", form.action);
  request.setRequestHeader("X-Upload", "1");
  request.send(body);
}

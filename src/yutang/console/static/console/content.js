// The content library in the browser: a variable put into the words, a script copied.
"use strict";

/* ---- A variable goes where the cursor is: [data-insert=selector] with its name in data-name ---- */
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-insert]");
  if (!button) return;
  const field = document.querySelector(button.dataset.insert), words = `{{${button.dataset.name}|}}`;
  const start = field.selectionStart, end = field.selectionEnd;
  field.setRangeText(words, start, end, "end");
  // The cursor stands where the fall-back is to be written.
  field.selectionStart = field.selectionEnd = start + words.length - 2;
  field.focus();
  field.dispatchEvent(new Event("input", { bubbles: true }));
});

/* ---- What a kind needs is asked for before it is sent: [data-needed=kinds]; a file that was kept before stands in for a new one ---- */
const contentForm = document.getElementById("content-form");
function askForNeeded() {
  const kind = contentForm.querySelector('[name="kind"]:checked, [name="kind"][type="hidden"]')?.value;
  const keeps = contentForm.querySelector('[name="media"]:checked') !== null;
  contentForm.querySelectorAll("[data-needed]").forEach((field) => {
    field.required = field.dataset.needed.split(" ").includes(kind) && !(field.type === "file" && keeps);
  });
}
if (contentForm) {
  askForNeeded();
  contentForm.addEventListener("change", askForNeeded);
  // A draft that was put back changes the kind without saying so; sending by Enter clicks the button too.
  contentForm.addEventListener("click", (event) => { if (event.target.closest("button:not([type])")) askForNeeded(); });
}

/* ---- Copying: [data-copy=id]; a page without https has no clipboard, there the words are chosen to be copied by hand ---- */
const wordsOf = (element) => (element instanceof HTMLInputElement ? element.value : element.textContent);
function choose(element) {
  if (element instanceof HTMLInputElement) { element.focus(); element.select(); return; }
  const range = document.createRange(), chosen = getSelection();
  range.selectNodeContents(element);
  chosen.removeAllRanges();
  chosen.addRange(range);
}
async function copied(element) {
  if (navigator.clipboard && isSecureContext) { await navigator.clipboard.writeText(wordsOf(element)); return true; }
  choose(element);
  return document.execCommand("copy");
}
document.addEventListener("click", async (event) => {
  const button = event.target.closest("[data-copy]");
  if (!button) return;
  const element = document.getElementById(button.dataset.copy), said = document.getElementById("copied");
  let is = false;
  try { is = await copied(element); } catch { choose(element); }
  // A toast lies under a drawer: what was copied closes it, what could not be is said inside, where the words stay chosen.
  const drawer = button.closest("dialog");
  if (is) { drawer?.close(); toast(said.dataset.said); } else if (drawer) { said.textContent = said.dataset.failed; } else { toast(said.dataset.failed, "error"); }
});

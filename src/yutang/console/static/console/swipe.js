// Swiping a task of today's list with a finger: to the right it is done, to the left it waits until tomorrow. The buttons do the same.
"use strict";

(() => {
  // Pixels before a movement is a swipe and not a scroll; share of the card, and pixels, from which it counts.
  const BEGIN = 12, SHARE = 0.34, ENOUGH = 130;
  let held = null;

  function back(slot) {
    slot.classList.remove("swiping", "ready", "leaving");
    slot.querySelector(".task").style.translate = "";
    delete slot.dataset.side;
  }
  function send(slot, side) {
    const done = side === "done";
    const values = done ? { outcome: slot.dataset.outcome } : { days: "1" };
    const board = document.getElementById("board");
    const failed = (event) => { if (!event.detail.successful && slot.isConnected) back(slot); };
    board.addEventListener("htmx:afterRequest", failed, { once: true });
    htmx.ajax("POST", (done ? slot.dataset.done : slot.dataset.snooze) + location.search, { source: board, target: "#board", swap: "innerHTML", values });
  }

  document.addEventListener("pointerdown", (event) => {
    const slot = event.target.closest?.("[data-swipe]");
    if (!slot || event.pointerType === "mouse" || !event.isPrimary || slot.classList.contains("leaving")) return;
    held = { slot, card: slot.querySelector(".task"), id: event.pointerId, x: event.clientX, y: event.clientY, offset: 0, going: false };
  });
  document.addEventListener("pointermove", (event) => {
    if (!held || event.pointerId !== held.id) return;
    const dx = event.clientX - held.x, dy = event.clientY - held.y;
    if (!held.going) {
      if (Math.abs(dy) > BEGIN && Math.abs(dy) >= Math.abs(dx)) { held = null; return; }
      if (Math.abs(dx) < BEGIN) return;
      held.going = true;
      held.slot.classList.add("swiping");
      held.slot.setPointerCapture(held.id);
    }
    held.offset = dx - Math.sign(dx) * BEGIN;
    held.card.style.translate = `${held.offset}px`;
    held.slot.dataset.side = held.offset > 0 ? "done" : "snooze";
    held.slot.classList.toggle("ready", Math.abs(held.offset) > Math.min(ENOUGH, held.slot.offsetWidth * SHARE));
  });
  document.addEventListener("pointerup", (event) => {
    if (!held || event.pointerId !== held.id) return;
    const { slot, card, going, offset } = held;
    held = null;
    if (!going) return;
    // The finger rests on a link or a button as a rule: lifting it there is no click.
    const hold = (click) => { click.preventDefault(); click.stopPropagation(); };
    slot.addEventListener("click", hold, true);
    setTimeout(() => slot.removeEventListener("click", hold, true), 50);
    if (!slot.classList.contains("ready")) { back(slot); return; }
    slot.classList.add("leaving");
    card.style.translate = offset > 0 ? "110%" : "-110%";
    send(slot, slot.dataset.side);
  });
  document.addEventListener("pointercancel", (event) => {
    if (!held || event.pointerId !== held.id) return;
    if (held.going) back(held.slot);
    held = null;
  });
})();

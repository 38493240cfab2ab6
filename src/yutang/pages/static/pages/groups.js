// Pages that are shared: the location when somebody presses for it, the phone's own way to share, copying. Everything else works without.
"use strict";

(() => {
  const button = document.querySelector("[data-place]");
  if (button && navigator.geolocation) {
    const state = document.querySelector("[data-place-state]");
    button.addEventListener("click", () => {
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => {
          // Three decimals are a hundred metres: nobody needs it better.
          document.querySelector("[name=latitude]").value = coords.latitude.toFixed(3);
          document.querySelector("[name=longitude]").value = coords.longitude.toFixed(3);
          state.textContent = state.dataset.found;
        },
        () => {
          button.disabled = false;
          state.textContent = state.dataset.failed;
        },
        { maximumAge: 600000, timeout: 15000 },
      );
    });
  }
  for (const share of document.querySelectorAll("[data-share]")) {
    if (!navigator.share) continue;
    share.hidden = false;
    share.addEventListener("click", () => navigator.share({ title: share.dataset.title, url: share.dataset.share }).catch(() => {}));
  }
  for (const copy of document.querySelectorAll("[data-copy]")) {
    const field = document.querySelector(copy.dataset.copy);
    copy.hidden = false;
    copy.addEventListener("click", async () => {
      field.select();
      try {
        await navigator.clipboard.writeText(field.value);
      } catch {
        document.execCommand("copy");
      }
      copy.textContent = copy.dataset.copied;
    });
  }
})();

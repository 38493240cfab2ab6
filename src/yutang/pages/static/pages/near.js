// Sorts the stores behind a shop window by distance: the phone is asked where it is when somebody taps the button.
"use strict";

(() => {
  const button = document.querySelector("[data-near]");
  if (!button || !navigator.geolocation) return;
  button.hidden = false;
  button.addEventListener("click", () => {
    button.disabled = true;
    navigator.geolocation.getCurrentPosition(
      (found) => {
        const asked = new URLSearchParams(location.search);
        asked.set("lat", found.coords.latitude.toFixed(3));
        asked.set("lng", found.coords.longitude.toFixed(3));
        location.search = asked.toString();
      },
      () => {
        button.disabled = false;
        document.querySelector("[data-near-failed]").hidden = false;
      },
      { timeout: 8000, maximumAge: 300000 },
    );
  });
})();

// The banner of alerts: each can be hidden on this device, and a new one is seen while the page stays open.
// What was hidden is kept in this browser only and is sent nowhere; an update of an alert shows again.
(() => {
  "use strict";
  const KEY = "openline-alerts-hidden";
  const EVERY = 60000;
  const place = document.querySelector("[data-alerts]");
  if (!place) return;

  const hidden = () => {
    try { return JSON.parse(localStorage.getItem(KEY)) || []; } catch { return []; }
  };
  const keep = (ids) => {
    try { localStorage.setItem(KEY, JSON.stringify(ids.slice(-50))); } catch { /* not kept: it shows again */ }
  };
  const tidy = (within) => {
    const gone = hidden();
    for (const alert of within.querySelectorAll("[data-alert]")) {
      if (gone.includes(alert.dataset.alert)) alert.remove();
      else alert.querySelector("[data-hide]").hidden = false;
    }
  };
  tidy(place);

  place.addEventListener("click", (event) => {
    const button = event.target.closest("[data-hide]");
    if (!button) return;
    const alert = button.closest("[data-alert]");
    keep([...hidden(), alert.dataset.alert]);
    const next = alert.nextElementSibling?.querySelector("[data-hide]");
    alert.remove();
    (next || document.getElementById("main-content"))?.focus();
  });

  const ids = (within) => [...within.querySelectorAll("[data-alert]")].map((one) => one.dataset.alert).join();
  const look = async () => {
    if (document.hidden) return;
    try {
      const answer = await fetch(place.dataset.alerts, { credentials: "same-origin" });
      if (!answer.ok) return;
      const fresh = new DOMParser().parseFromString(await answer.text(), "text/html").body;
      tidy(fresh);
      if (ids(fresh) !== ids(place)) place.replaceChildren(...fresh.childNodes);
    } catch { /* no connection: asked again later */ }
  };
  setInterval(look, EVERY);
  document.addEventListener("visibilitychange", look);
})();

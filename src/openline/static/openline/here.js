// On the map: "Where I am", and a click on an empty spot brings it to the middle. Without it every step is a link.
(() => {
  "use strict";
  const svg = document.querySelector("svg.openline-map");
  const button = document.querySelector("[data-here]");
  const query = new URLSearchParams(location.search);
  const zoom = Number(svg && svg.dataset.zoom) || 11;
  const go = (lat, lon, nearer) => {
    query.delete("at");
    query.set("lat", lat.toFixed(5)); query.set("lon", lon.toFixed(5)); query.set("zoom", nearer);
    location.search = query;
  };
  if (button && navigator.geolocation && window.isSecureContext) {
    button.hidden = false;
    button.addEventListener("click", () => {
      button.disabled = true;
      navigator.geolocation.getCurrentPosition(
        ({ coords }) => go(coords.latitude, coords.longitude, 17),
        () => { document.querySelector("[data-here-error]").textContent = button.dataset.failed; button.disabled = false; },
        { enableHighAccuracy: true, timeout: 10000, maximumAge: 60000 },
      );
    });
  }
  if (!svg) return;
  const south = (y) => Math.atan(Math.sinh(y)) * 180 / Math.PI;
  svg.addEventListener("click", (event) => {
    if (event.target.closest("a")) return;
    const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
    const scale = 256 * 2 ** zoom, middle = Math.asinh(Math.tan(svg.dataset.lat * Math.PI / 180));
    go(south(middle - (at.y - 200) / scale * 2 * Math.PI), Number(svg.dataset.lon) + (at.x - 200) / scale * 360, zoom);
  });
})();

// Choosing neighborhoods and drawing corners on the city's outline; it fills the fields of the form and nothing else.
(() => {
  "use strict";
  const box = document.querySelector("[data-alert-map]");
  const list = document.getElementById("id_areas");
  const field = document.getElementById("id_drawn");
  if (!box || !list || !field) return;
  box.hidden = false;
  const svg = box.querySelector("svg");
  const ring = box.querySelector(".drawn");
  const west = +box.dataset.west, north = +box.dataset.north, wide = +box.dataset.wide, high = +box.dataset.high;

  const show = () => {
    for (const path of svg.querySelectorAll("path")) {
      const option = list.querySelector(`option[value="${CSS.escape(path.dataset.code)}"]`);
      path.classList.toggle("chosen", Boolean(option && option.selected));
    }
    const corners = [...field.value.matchAll(/(-?\d+\.\d+)\s*,\s*(-?\d+\.\d+)/g)];
    ring.setAttribute("points", corners.map(([, y, x]) => `${(x - west) / wide},${(north - y) / high}`).join(" "));
  };

  svg.addEventListener("click", (event) => {
    if (box.querySelector("[name=map-mode]:checked").value === "areas") {
      const code = event.target.dataset.code;
      const option = code && list.querySelector(`option[value="${CSS.escape(code)}"]`);
      if (option) option.selected = !option.selected;
    } else {
      const at = new DOMPoint(event.clientX, event.clientY).matrixTransform(svg.getScreenCTM().inverse());
      const corner = `${(north - at.y * high).toFixed(5)},${(west + at.x * wide).toFixed(5)}`;
      field.value = `${field.value.trim()} ${corner}`.trim();
    }
    show();
  });
  box.querySelector("[data-clear]").addEventListener("click", () => { field.value = ""; show(); });
  list.addEventListener("change", show);
  field.addEventListener("input", show);
  show();
})();

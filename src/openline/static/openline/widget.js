// Puts the city's form where this script stands:
//   <script src="https://city.example/widget.js" data-about="report" data-language="es" data-theme="dark"></script>
// Everything happens inside a frame of the city's own site. Nothing here is sent to anybody.
(function () {
  "use strict";
  const script = document.currentScript;
  if (!script) return;
  const home = new URL("contact/embed/", script.src);
  for (const name of ["about", "language", "theme"])
    if (script.dataset[name]) home.searchParams.set(name, script.dataset[name]);
  home.searchParams.set("parent", window.location.origin);

  const frame = document.createElement("iframe");
  frame.src = home.href;
  frame.title = script.dataset.title || "Write to the city";
  frame.style.cssText = "border:0;display:block;width:100%;height:1150px;color-scheme:normal";
  frame.setAttribute("allow", "");
  script.parentNode.insertBefore(frame, script);

  // Only our own frame, on the city's own site, may say how high it is.
  window.addEventListener("message", function (event) {
    if (event.origin !== home.origin || event.source !== frame.contentWindow) return;
    const data = event.data;
    if (!data || data.from !== "openline") return;
    if (data.height > 0 && data.height < 20000) frame.style.height = Math.ceil(data.height) + "px";
    if (data.moved) frame.scrollIntoView({ block: "nearest" });
  });
})();

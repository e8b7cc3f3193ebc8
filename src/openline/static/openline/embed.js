// Inside the frame: tells the page around it how high the form is, and where a frame may do nothing, offers a link.
(function () {
  "use strict";
  const root = document.documentElement;
  const parent = root.dataset.parent;                                       // checked by the server: an origin
  const secret = (/[#&?]secret=([A-Za-z0-9]+)/.exec(window.location.hash) || [])[1];  // WordPress gives one
  if (window.parent === window) return;

  function tell(message) { if (parent) window.parent.postMessage(Object.assign({ from: "openline" }, message), parent); }
  // WordPress' own protocol (wp-embed.js): it checks that the message comes from the frame with this secret.
  function tellWordPress(message, value) {
    if (secret) window.parent.postMessage({ message: message, value: value, secret: secret }, "*");
  }
  function height() { return Math.ceil(document.body.getBoundingClientRect().height) + 1; }
  function say() {
    const now = height();
    if (now < 60) return;                                                   // not laid out yet
    tell({ height: now });
    tellWordPress("height", now);
  }

  // In a sandbox without forms (WordPress, for sites that it does not know), the form could not be sent.
  if (window.origin === "null") {
    document.getElementById("inside").hidden = true;
    const outside = document.getElementById("outside");
    outside.hidden = false;
    const link = outside.querySelector("a");
    link.addEventListener("click", function (event) {
      event.preventDefault();
      tellWordPress("link", link.href);
    });
  }
  if (window.ResizeObserver) new ResizeObserver(say).observe(document.body);
  window.addEventListener("load", function () {
    say();
    const faults = document.getElementById("faults");
    if (faults || root.dataset.page === "sent") tell({ moved: true });
    if (faults) faults.focus({ preventScroll: true });
  });
  window.addEventListener("message", function (event) {
    if (event.source === window.parent && event.data && event.data.message === "ready") say();
  });
})();

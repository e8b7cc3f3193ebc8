// Words are not lost: an answer that is being written outlives another conversation, a reload and a new sign-in.
// Everything works without this file.
"use strict";

(() => {
  const PREFIX = `openline-draft:${document.body.dataset.user}:`;
  const $ = (selector, root = document) => root.querySelector(selector);
  const conversation = () => $("#conversation")?.dataset.id;

  // --- the answer that is being written is kept in this tab ---------------------------------------

  function keep(reply) {
    if (reply.value.trim()) sessionStorage.setItem(PREFIX + conversation(), reply.value);
    else sessionStorage.removeItem(PREFIX + conversation());
  }

  function bringBack() {
    const reply = $("#reply");
    const kept = sessionStorage.getItem(PREFIX + conversation());
    if (!reply || reply.value || !kept) return;
    reply.value = kept;
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    const sign = $("#draft-kept");
    if (sign) sign.hidden = false;
  }

  document.addEventListener("input", (event) => { if (event.target.id === "reply") keep(event.target); });
  document.addEventListener("htmx:after:swap", bringBack);
  // Sent, or held back with the words in the form: in neither case is the draft needed any more.
  document.addEventListener("htmx:before:swap", (event) => {
    const sent = event.detail?.ctx?.sourceElement?.id === "reply-form";
    if (sent && event.detail.ctx.response?.status === 200) sessionStorage.removeItem(PREFIX + conversation());
  });
  document.addEventListener("click", (event) => {
    if (!event.target.closest("[data-sign-out]")) return;
    for (const key of Object.keys(sessionStorage)) if (key.startsWith("openline-draft:")) sessionStorage.removeItem(key);
  });

  bringBack();
})();

// Words are not lost: an answer that is being written outlives another conversation, a reload and a new sign-in;
// who was signed out meanwhile is told so, and what was typed stays. Everything works without this file.
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

  // --- signed out, or signed in anew in another tab -------------------------------------------------

  const typed = () => [...document.querySelectorAll("form[data-typed]")].some((form) =>
    [...form.querySelectorAll("textarea, input[type=text]")].some((field) => field.value.trim()));

  document.addEventListener("openline:signed-out", () => {
    if (!typed()) return location.reload();
    $("#signed-out").hidden = false;
  });

  // The page's forms get the token of the new session; the person sends again.
  document.addEventListener("openline:new-session", async () => {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    const token = $("input[name=csrfmiddlewaretoken]", fresh)?.value;
    if (!token || $("#id_login", fresh)) return document.dispatchEvent(new Event("openline:signed-out"));
    for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
    for (const part of document.querySelectorAll("[hx-headers*=X-CSRFToken]"))
      part.setAttribute("hx-headers", JSON.stringify({ "X-CSRFToken": token }));
    $("#signed-out").hidden = true;
    $("#trouble").textContent = $("#trouble").dataset.anew;
    $("#trouble").hidden = false;
  });

  bringBack();
})();

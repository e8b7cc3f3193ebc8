// The console's keys and small comforts. Everything works without this file.
"use strict";

(() => {
  const KEYS_OFF = "openline-keys-off";
  const $ = (selector, root = document) => root.querySelector(selector);
  const typing = (element) => element.closest("input, textarea, select, [contenteditable], dialog[open]");
  const links = () => [...document.querySelectorAll("#list .row > a")];

  // --- keys -------------------------------------------------------------------------------------

  function step(by) {
    const all = links();
    const here = all.findIndex((link) => link === document.activeElement);
    const shown = all.findIndex((link) => link.hasAttribute("aria-current"));
    const from = here >= 0 ? here : shown;
    const next = all[Math.max(0, Math.min(all.length - 1, from + by))];
    if (next) { next.focus({ preventScroll: true }); next.scrollIntoView({ block: "nearest" }); }
  }

  const keys = {
    j: () => step(1),
    k: () => step(-1),
    r: () => $("#reply")?.focus(),
    e: () => $("#handled")?.click(),
    "/": () => $("#search")?.focus(),
    "?": () => $("#help")?.showModal(),
  };

  document.addEventListener("keydown", (event) => {
    const action = keys[event.key];
    if (!action || event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
    if (localStorage.getItem(KEYS_OFF)) return;
    event.preventDefault();
    action();
  });

  const help = $("[data-help]");
  if (help) {
    help.hidden = false;
    help.addEventListener("click", () => $("#help").showModal());
    const on = $("#keys-on");
    on.checked = !localStorage.getItem(KEYS_OFF);
    on.addEventListener("change", () =>
      on.checked ? localStorage.removeItem(KEYS_OFF) : localStorage.setItem(KEYS_OFF, "1"));
  }

  // --- what is typed is kept --------------------------------------------------------------------

  // A form in which somebody typed, or that is on its way, is left alone when the page refreshes itself.
  function touched(event) {
    const form = event.target.closest("#pane form, #request-page form");
    if (form) { form.setAttribute("hx-morph-skip", ""); form.dataset.typed = "1"; }
    const writing = $("#presence-writing");  // colleagues at the same thing see that somebody writes
    if (!form || !writing || writing.value === "1") return;
    writing.value = "1";
    $(".others")?.dispatchEvent(new Event("writing"));
  }
  document.addEventListener("input", touched);
  document.addEventListener("submit", touched);

  // --- counting ---------------------------------------------------------------------------------

  function count(area) {
    const line = document.getElementById(area.getAttribute("aria-describedby"));
    const left = Number(area.dataset.limit) - [...area.value].length;
    line.textContent = (left < 0 ? line.dataset.over : line.dataset.left).replace("%n", Math.abs(left));
    line.classList.toggle("over", left < 0);
  }
  document.addEventListener("input", (event) => {
    if (event.target.matches("textarea[data-limit]")) count(event.target);
  });

  // --- proposals and panes ----------------------------------------------------------------------

  document.addEventListener("click", (event) => {
    const use = event.target.closest("[data-use]");
    if (!use) return;
    const reply = $("#reply");
    reply.value = use.dataset.use;
    reply.dispatchEvent(new Event("input", { bubbles: true }));
    reply.focus();
  });

  // A proposal fills its field; without a script its button sends the form, which does the same.
  document.addEventListener("click", (event) => {
    const proposal = event.target.closest("[data-fill]");
    const field = proposal && document.getElementById(proposal.dataset.fill);
    if (event.target.closest("[data-print]")) window.print();
    if (!field) return;
    event.preventDefault();
    field.value = proposal.value;
    field.focus();
    field.dispatchEvent(new Event("change", { bubbles: true }));
    proposal.closest("[data-options-of]")?.replaceChildren();
  });

  // What follows from a field (`data-follows`), or from an answer in it, is asked for anew when that changes.
  document.addEventListener("change", (event) => {
    for (const part of document.querySelectorAll("[data-follows]")) {
      if (part.dataset.follows.split(" ").includes(event.target.id) || part.contains(event.target)) {
        part.dispatchEvent(new Event("refresh"));
      }
    }
  });

  // Arrows go from the field into its proposals and between them, Escape back.
  document.addEventListener("keydown", (event) => {
    const place = document.querySelector("[data-options-of]");
    const field = place && document.getElementById(place.dataset.optionsOf);
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (!field || !(event.target === field || place.contains(event.target))) return;
    const all = [field, ...place.querySelectorAll("button")];
    if (step && all.length > 1) {
      all[(all.indexOf(event.target) + step + all.length) % all.length].focus();
      event.preventDefault();
    }
    if (event.key === "Escape") { field.focus(); place.replaceChildren(); }
  });

  function markOpen() {
    const id = $("#conversation")?.dataset.id;
    for (const link of links()) {
      const open = link.closest(".row").dataset.id === id;
      if (open) link.setAttribute("aria-current", "true"); else link.removeAttribute("aria-current");
      if (open) link.closest(".row").classList.remove("unread");
    }
    if (id) document.title = `${$("#conversation-title").textContent} | ${document.title.split(" | ").pop()}`;
  }

  // Fields that are asked only where another one has a certain value: all of them stand there without this.
  function conditions() {
    for (const part of document.querySelectorAll("[data-where]")) {
      const [name, values] = part.dataset.where.split("=");
      const other = part.closest("form").elements.namedItem(name);
      part.hidden = Boolean(other) && !values.split("|").includes(other.value);
    }
  }
  document.addEventListener("change", conditions);

  // What was typed into a form that came back with a problem is not replaced either.
  function keepRefused() {
    for (const notice of document.querySelectorAll("#pane form .notice[role=alert], #request-page form .notice[role=alert]"))
      notice.closest("form").setAttribute("hx-morph-skip", "");
  }

  function ready(root = document) {
    conditions();
    keepRefused();
    for (const button of root.querySelectorAll("[data-use], [data-print]")) button.hidden = false;
    if (/Android/.test(navigator.userAgent)) {  // RFC 5870: the map app of the phone, whichever it is
      for (const way of root.querySelectorAll("a[data-geo]")) { way.href = way.dataset.geo; way.removeAttribute("target"); }
    }
    for (const area of root.querySelectorAll("textarea[data-limit]")) if (area.value) count(area);
  }

  function trouble(kind) {
    const place = $("#trouble");
    $("p", place).textContent = kind ? place.dataset[kind] : "";
    $("a", place).hidden = kind !== "out";
    place.hidden = !kind;
  }
  document.addEventListener("htmx:response:error", (event) => {
    const status = event.detail.ctx?.response?.status;
    if (status === 401) return signedOut();
    if (status === 403 && event.detail.ctx.response.headers.get("X-Openline") === "csrf") return trouble("anew");
    if (status !== 422) trouble(status >= 500 ? "broken" : "gone");
  });

  // Who was signed out loses nothing that was typed: only a page without words is loaded anew, which asks to sign in.
  function signedOut() {
    const fields = document.querySelectorAll("main :is(textarea, input[type=text])");
    const typed = (field) => field.value.trim() && (field.value !== field.defaultValue || field.closest("[hx-morph-skip]"));
    if ([...fields].some(typed)) trouble("out"); else location.reload();
  }
  document.addEventListener("openline:signed-out", signedOut);

  // Who signs in again in another tab has a new token: the forms that still stand here take it.
  function freshToken() {
    const token = document.cookie.match(/(?:^|; )csrftoken=([^;]+)/)?.[1];
    if (token) for (const field of document.querySelectorAll("input[name=csrfmiddlewaretoken]")) field.value = token;
  }
  document.addEventListener("submit", freshToken, true);
  document.addEventListener("visibilitychange", freshToken);
  window.addEventListener("focus", freshToken);
  document.addEventListener("htmx:error", (event) => { if (!event.detail.ctx?.response) trouble("offline"); });

  document.addEventListener("htmx:before:request", (event) => {
    if (!event.target.matches?.("[hx-trigger*=every], #conversation")) trouble("");  // nobody has read it by then
  });

  // After a form or a click, the focus is where reading goes on: the notice, or the conversation's title.
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target ?? event.target;
    const source = event.detail?.ctx?.sourceElement;
    ready();
    markOpen();
    if (!target || !["pane", "request-page"].includes(target.id) || source?.id === "conversation") return;
    const goal = $(".notice", target) ?? $("#conversation-title", target) ?? $("h1", target);
    goal?.setAttribute("tabindex", "-1");
    goal?.focus({ preventScroll: goal.id === "conversation-title" });
    if (source?.matches?.(".row > a")) target.scrollTop = 0;
  });

  ready();
  $("#views [aria-current]")?.scrollIntoView({ block: "nearest", inline: "nearest" });
})();

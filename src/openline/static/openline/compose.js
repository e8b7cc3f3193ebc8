// The composer's comforts: preview while writing, drafts kept, own texts, focus points. Everything works without it.
"use strict";

(() => {
  const form = document.getElementById("compose");
  if (!form) return;
  const $ = (selector, root = document) => root.querySelector(selector);
  const PREVIEW_MS = 350, KEEP_MS = 4000, SAY_MS = 1200;
  let previewing, keeping, saying, onTheWay = null, dirty = false, leaving = false, asked = 0;

  // --- preview ----------------------------------------------------------------------------------

  function refresh() {
    clearTimeout(previewing);
    previewing = setTimeout(() => $("#preview").dispatchEvent(new Event("refresh")), PREVIEW_MS);
  }

  // The counts are said politely, once the typing rests, and only if they changed.
  function say() {
    clearTimeout(saying);
    saying = setTimeout(() => {
      const counts = [...document.querySelectorAll("#preview .count")];
      const words = counts.map((one) => `${one.dataset.said}: ${one.textContent.trim()}`).join(". ");
      const place = $("#count-said");
      if (place.textContent !== words) place.textContent = words;
    }, SAY_MS);
  }
  document.addEventListener("htmx:after:swap", (event) => {
    const target = event.detail?.ctx?.target ?? event.target;
    if (target?.id !== "preview") return;
    say();
    form.dataset.previewed = String(++asked);
    if (event.detail?.ctx?.response?.status === 200) delete form.dataset.out;
  });
  document.addEventListener("htmx:response:error", (event) => {
    if (event.detail.ctx?.response?.status === 401) signedOut();
  });

  // --- drafts -----------------------------------------------------------------------------------

  function keepSoon() {
    clearTimeout(keeping);
    if (form.dataset.autosave) keeping = setTimeout(keep, KEEP_MS);
  }

  function keep() {
    if (onTheWay || leaving || !dirty) return;
    dirty = false;
    const data = new FormData(form);
    for (const [name, value] of [...data]) if (value instanceof File) data.delete(name);
    onTheWay = fetch(form.dataset.autosave, { method: "POST", body: data, headers: { Accept: "application/json" } })
      .then((answer) => {
        if (answer.redirected) signedOut();  // to the sign-in page
        return answer.ok && !answer.redirected ? answer.json() : Promise.reject(new Error(String(answer.status)));
      })
      .then(kept, () => { dirty = true; kept({ kept: false, words: form.dataset.unsaved }); })
      .finally(() => { onTheWay = null; if (dirty) keepSoon(); });
  }

  // Nothing is sent to the sign-in page, where it would be lost. A preview that comes again ends this.
  function signedOut() {
    form.dataset.out = "1";
    const place = $("#trouble");
    $("p", place).textContent = place.dataset.out;
    $("a", place).hidden = place.hidden = false;
  }
  window.addEventListener("focus", () => { if (form.dataset.out) refresh(); });

  function kept(answer) {
    const place = $("#kept");
    if (answer.words) place.textContent = answer.words;
    place.classList.toggle("bad-text", !answer.kept && Boolean(answer.words));
    if (answer.kept) {
      $("#version").value = answer.version;
      if (location.pathname !== new URL(form.action).pathname) history.replaceState(null, "", form.action);
    }
    if (answer.conflict) form.dataset.autosave = "";
    if (!answer.kept) form.dataset.unkept = "1"; else delete form.dataset.unkept;
  }

  // A button waits for a draft that is on its way, or the one would look like somebody else's change to the other.
  form.addEventListener("submit", (event) => {
    if (form.dataset.out) { event.preventDefault(); return refresh(); }
    leaving = true;
    clearTimeout(keeping);
    if (!onTheWay) return;
    event.preventDefault();
    const button = event.submitter;
    onTheWay.finally(() => form.requestSubmit(button));
  });

  window.addEventListener("beforeunload", (event) => {
    if (!leaving && (dirty || form.dataset.unkept)) event.preventDefault();
  });
  window.addEventListener("pageshow", () => { leaving = false; });

  // --- fields -----------------------------------------------------------------------------------

  function changed(event) {
    if (event.target.type === "file") return;
    dirty = true;
    refresh();
    keepSoon();
  }
  form.addEventListener("input", changed);
  form.addEventListener("change", changed);

  // An own text begins as the common one.
  form.addEventListener("change", (event) => {
    if (!event.target.matches("[data-own]")) return;
    for (const field of event.target.closest("details").querySelectorAll("[data-base]")) {
      const base = document.getElementById(field.dataset.base);
      if (event.target.checked && !field.value) field.value = base?.value ?? "";
      if (!event.target.checked) field.value = "";
    }
  });
  form.addEventListener("input", (event) => {
    if (!event.target.matches("textarea[data-base]")) return;
    const own = event.target.closest("details").querySelector("[data-own]");
    if (event.target.value && !own.checked) own.checked = true;
  });

  // Files are taken as soon as they are chosen.
  $("#files")?.addEventListener("change", (event) => {
    if (event.target.files.length) form.requestSubmit($("button[value=add]", form));
  });

  // A hashtag goes to the end of the text that was written in last, else of the first.
  let last = $("#texts textarea[id^=text-]");
  form.addEventListener("focusin", (event) => { if (event.target.matches("#texts textarea[id^=text-]")) last = event.target; });
  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-tag]");
    if (!button || !last) return;
    last.value = `${last.value.trimEnd()} ${button.dataset.tag}`.trim();
    last.dispatchEvent(new Event("input", { bubbles: true }));
    last.focus();
  });

  // --- focus points -----------------------------------------------------------------------------

  function aim(picture, x, y) {
    const id = picture.dataset.focus;
    const field = (name) => document.getElementById(`${name}-${id}`);
    field("focus_x").value = Math.round(Math.max(-100, Math.min(100, x)));
    field("focus_y").value = Math.round(Math.max(-100, Math.min(100, y)));
    field("focus_x").dispatchEvent(new Event("input", { bubbles: true }));
  }
  form.addEventListener("click", (event) => {
    const picture = event.target.closest("[data-focus]");
    if (!picture) return;
    const box = picture.getBoundingClientRect();
    aim(picture, ((event.clientX - box.left) / box.width) * 200 - 100, 100 - ((event.clientY - box.top) / box.height) * 200);
  });
  form.addEventListener("input", () => {
    for (const picture of form.querySelectorAll("[data-focus]")) {
      const id = picture.dataset.focus, spot = $("circle", picture);
      spot.setAttribute("cx", (Number(document.getElementById(`focus_x-${id}`).value) + 100) / 2);
      spot.setAttribute("cy", (100 - Number(document.getElementById(`focus_y-${id}`).value)) / 2);
    }
  });

  // A time is a wish to go out then.
  $("#leave_at")?.addEventListener("input", () => { $("input[name=when][value=at]", form).checked = true; });
  $("#problem")?.focus();
})();

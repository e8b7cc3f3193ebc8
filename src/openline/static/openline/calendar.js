// Moving posts in the calendar: dragged, or grabbed and moved by keys. Without this file "Move" opens a form.
"use strict";

(() => {
  const form = document.getElementById("move");
  const said = document.getElementById("cal-said");
  if (!form) return;
  const days = [...document.querySelectorAll(".cal-grid td[data-day]")];
  const say = (name, values = {}) => {
    said.textContent = said.dataset[name].replace("%p", values.p ?? "").replace("%d", values.d ?? "");
  };
  const mark = (day) => {
    days.forEach((one) => one.classList.toggle("over", one === day));
  };

  function drop(post, day) {
    if (!day || day.contains(post)) return leave();
    form.elements.post.value = post.dataset.post;
    form.elements.day.value = day.dataset.day;
    form.elements.seen.value = post.dataset.seen;
    form.elements.seen_at.value = post.dataset.seenAt;
    form.submit();
  }
  function leave() { mark(null); grabbed?.post.classList.remove("grabbed"); grabbed = null; say("left"); }

  // --- by hand ----------------------------------------------------------------------------------
  let dragged = null;
  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.("[data-post]");
    if (dragged) { event.dataTransfer.setData("text/plain", dragged.dataset.post); event.dataTransfer.effectAllowed = "move"; }
  });
  document.addEventListener("dragover", (event) => {
    const day = dragged && event.target.closest?.("td[data-day]");
    if (day) { event.preventDefault(); mark(day); }
  });
  document.addEventListener("drop", (event) => {
    const day = dragged && event.target.closest?.("td[data-day]");
    if (day) { event.preventDefault(); drop(dragged, day); }
  });
  document.addEventListener("dragend", () => { dragged = null; mark(null); });

  // --- by keys ----------------------------------------------------------------------------------
  let grabbed = null;
  const steps = () => {
    const side = document.documentElement.dir === "rtl" ? -1 : 1;
    return { ArrowRight: side, ArrowLeft: -side, ArrowDown: 7, ArrowUp: -7 };
  };

  document.addEventListener("click", (event) => {
    const handle = event.target.closest(".grip");
    if (!handle || !days.length || event.detail > 0) return;  // a click of the mouse opens the form, Enter grabs
    event.preventDefault();
    const post = handle.closest("[data-post]");
    const here = days.findIndex((day) => day.contains(post));
    const first = Math.max(0, days.findIndex((day) => day.getAttribute("aria-current") === "date"));
    grabbed = { post, at: here >= 0 ? here : first };
    post.classList.add("grabbed");
    mark(days[grabbed.at]);
    say("grabbed", { p: post.dataset.words });
  });

  document.addEventListener("keydown", (event) => {
    if (!grabbed) return;
    const step = steps()[event.key];
    if (step) {
      grabbed.at = Math.max(0, Math.min(days.length - 1, grabbed.at + step));
      mark(days[grabbed.at]);
      days[grabbed.at].scrollIntoView({ block: "nearest" });
      say("over", { d: days[grabbed.at].dataset.words });
    } else if (event.key === "Enter" || event.key === " ") {
      drop(grabbed.post, days[grabbed.at]);
    } else if (event.key === "Escape" || event.key === "Tab") {
      leave();
      if (event.key === "Tab") return;
    } else { return; }
    event.preventDefault();
    event.stopPropagation();
  }, true);
})();

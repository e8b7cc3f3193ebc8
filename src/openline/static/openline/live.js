// Live updates: when something changes, the counts, the list and the open conversation follow.
// Nothing jumps while one reads: a list that would change its order under the pointer waits behind a pill.
"use strict";

(() => {
  const POLL_MS = 15000;
  const SETTLE_MS = 300;
  const AGES_MS = 60000;
  const address = document.body.dataset.events;
  const list = document.getElementById("list");
  const sign = document.getElementById("live");
  if (!address || !list) return;

  let waiting = null;      // a fresh list that the reader has not asked for yet
  let timer = null;
  let poll = null;
  let lastRefresh = 0;

  const ids = (root) => [...root.querySelectorAll(".row")].map((row) => row.dataset.id);
  const openId = () => document.getElementById("conversation")?.dataset.id;

  function say(state) {
    if (sign.dataset.state === state) return;
    sign.dataset.state = state;
    sign.textContent = sign.dataset[state];
  }

  // --- refreshing -------------------------------------------------------------------------------

  async function refresh() {
    lastRefresh = Date.now();
    let answer;
    try {
      answer = await fetch(list.dataset.refresh, { headers: { "HX-Request": "true" } });
    } catch {
      return say("offline");
    }
    if (answer.status === 401) return document.dispatchEvent(new Event("openline:signed-out"));
    if (!answer.ok) return say("offline");
    if (sign.dataset.state === "offline") say(poll ? "polling" : "live");
    const fresh = new DOMParser().parseFromString(await answer.text(), "text/html");
    replace(document.getElementById("views"), fresh.querySelector('[data-part="views"]'));
    offer(fresh.querySelector('[data-part="list"]'));
  }

  function offer(fresh) {
    if (list.querySelector(".narrow[open]")) return;  // somebody is choosing: the next refresh shows it
    const now = ids(list), then = ids(fresh);
    const same = now.join() === then.join();
    if (same || !reading()) return showList(fresh);
    waiting = fresh;
    const news = then.filter((id, place) => now[place] !== id && now.indexOf(id) !== place && now.indexOf(id) > place || !now.includes(id));
    const pill = document.getElementById("pill");
    const count = Math.max(1, news.length);
    pill.textContent = (count === 1 ? pill.dataset.one : pill.dataset.more).replace("%n", count);
    pill.hidden = false;
  }

  function reading() {
    return list.matches(":hover") || list.scrollTop > 0 || list.contains(document.activeElement);
  }

  function showList(fresh) {
    waiting = null;
    replace(list, fresh);
    const open = openId();
    for (const row of list.querySelectorAll(".row"))
      if (row.dataset.id === open) row.querySelector("a").setAttribute("aria-current", "true");
  }

  // New content in the place of the old one; the focus stays on the same thing, typed words stay typed.
  function replace(place, fresh) {
    const focused = place.contains(document.activeElement) ? document.activeElement : null;
    const search = place.querySelector("#search");
    const typed = search?.value;
    const scroll = place.scrollTop;
    place.replaceChildren(...fresh.cloneNode(true).childNodes);
    if (search) place.querySelector("#search").value = typed;
    htmx.process(place);
    place.scrollTop = scroll;
    if (focused?.id) document.getElementById(focused.id)?.focus({ preventScroll: true });
    else if (focused?.href) [...place.querySelectorAll("a")].find((a) => a.href === focused.href)?.focus({ preventScroll: true });
  }

  function refreshOpen() {
    const open = document.getElementById("conversation");
    if (open) htmx.trigger(open, "refresh");
  }

  function changed(subjects) {
    clearTimeout(timer);
    timer = setTimeout(refresh, SETTLE_MS);
    if (subjects.some((subject) => subject === `conversation:${openId()}` || subject.startsWith("request:") || subject === "all")) refreshOpen();
  }

  list.addEventListener("click", (event) => {
    if (!event.target.closest("#pill") || !waiting) return;
    list.scrollTop = 0;
    showList(waiting);
    list.querySelector(".row > a")?.focus({ preventScroll: true });
  });

  // --- hearing ----------------------------------------------------------------------------------

  function startPolling() {
    say("polling");
    poll ??= setInterval(() => { refresh(); refreshOpen(); }, POLL_MS);
  }

  function stopPolling() {
    clearInterval(poll);
    poll = null;
    say("live");
  }

  const source = new EventSource(address);
  let missed = false;
  source.addEventListener("open", () => {
    stopPolling();
    if (missed) { refresh(); refreshOpen(); }
    missed = false;
  });
  source.addEventListener("error", () => { missed = true; startPolling(); });
  source.addEventListener("change", (event) => changed(event.data.split(" ")));

  // Ages ("12 minutes ago") grow old when nothing happens.
  setInterval(() => { if (Date.now() - lastRefresh > AGES_MS && !document.hidden) refresh(); }, AGES_MS);
  addEventListener("pagehide", () => source.close());
})();

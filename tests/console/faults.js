// What a page does against WCAG 2.2 AA, as far as it can be measured: reflow, labels, names, target size, contrast.
() => {
  const faults = [];
  const visible = (e) => { const b = e.getBoundingClientRect(); return b.width > 1 && b.height > 1 && e.checkVisibility(); };
  const parse = (c) => (c.match(/[\d.]+/g) || [0, 0, 0, 0]).map(Number);
  const lum = ([r, g, b]) => [r, g, b].map((v) => v / 255).map((v) => v <= .03928 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4)
    .reduce((sum, v, i) => sum + v * [.2126, .7152, .0722][i], 0);
  const ground = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor);
    if (c.length < 4 || c[3] === 1) return c; } return parse(getComputedStyle(document.body).backgroundColor); };
  if (document.documentElement.scrollWidth > innerWidth) faults.push("page is wider than the screen: " + document.documentElement.scrollWidth);
  for (const e of document.querySelectorAll("input:not([type=hidden]), select, textarea"))
    if (!e.labels?.length && !e.getAttribute("aria-label")) faults.push("no label: " + e.outerHTML.slice(0, 90));
  for (const e of document.querySelectorAll("button, a[href], summary, input:not([type=hidden]), select, textarea")) {
    if (!visible(e)) continue;
    const b = e.getBoundingClientRect(), inline = e.matches("p a, li a, dd a, th a, .meta a, td a");
    if (!inline && !e.matches("label input") && (b.width < 24 || b.height < 24)) faults.push(`target ${b.width}x${b.height}: ` + e.outerHTML.slice(0, 90));
    if (e.matches("button, a[href], summary") && !(e.innerText ?? e.getAttribute("aria-label") ?? "").trim()) faults.push("no name: " + e.outerHTML.slice(0, 90));
  }
  const seen = new Set();
  for (const e of document.querySelectorAll("[id]")) { if (seen.has(e.id)) faults.push("id twice: " + e.id); seen.add(e.id); }
  for (const name of ["aria-describedby", "aria-labelledby", "aria-controls"])
    for (const e of document.querySelectorAll(`[${name}]`))
      for (const id of e.getAttribute(name).split(/\s+/).filter(Boolean)) if (!seen.has(id)) faults.push(`${name} leads nowhere: ` + id);
  if (document.querySelectorAll("h1").length !== 1) faults.push("headings of the first level: " + document.querySelectorAll("h1").length);
  const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walk.nextNode()) {
    const text = walk.currentNode, e = text.parentElement;
    if (!text.data.trim() || !visible(e) || e.closest("script, style, option, .sr, .usa-sr-only, .skip, .usa-skipnav, [disabled]")) continue;
    const style = getComputedStyle(e), a = lum(parse(style.color)), b = lum(ground(e));
    const ratio = (Math.max(a, b) + .05) / (Math.min(a, b) + .05), size = parseFloat(style.fontSize);
    const large = size >= 24 || (size >= 18.66 && Number(style.fontWeight) >= 700);
    if (ratio < (large ? 3 : 4.5)) faults.push(`contrast ${ratio.toFixed(2)}: ` + text.data.trim().slice(0, 40) + " " + style.color);
  }
  return faults;
}

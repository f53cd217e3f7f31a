// What is wrong with the layout and the structure of the page as it is shown now: one sentence a fault.
(() => {
  const wrong = [];
  const root = document.documentElement;
  const name = element => {
    const text = element.textContent.trim().replace(/\s+/g, " ").slice(0, 40);
    return `<${element.localName}${element.id ? "#" + element.id : ""}> "${text}"`;
  };
  const shown = element => element.checkVisibility({ contentVisibilityAuto: true, visibilityProperty: true });

  // Nothing sticks out: neither the page nor a box, but for what scrolls within itself.
  if (root.scrollWidth > root.clientWidth) wrong.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);
  const scrolls = element => {
    for (let box = element; box && box !== document.body; box = box.parentElement) {
      if (["auto", "scroll"].includes(getComputedStyle(box).overflowX)) return true;
    }
    return false;
  };
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const node = walker.currentNode;
    const element = node.parentElement;
    if (!node.data.trim() || !shown(element) || element.closest(".skip") || scrolls(element)) continue;
    const range = document.createRange();
    range.selectNodeContents(node);
    const box = element.getBoundingClientRect();
    for (const line of range.getClientRects()) {
      if (line.right > root.clientWidth + 1 || line.left < -1) { wrong.push(`text leaves the window: ${name(element)}`); break; }
      if (getComputedStyle(element).display !== "inline" && line.right > box.right + 1) { wrong.push(`text leaves its box: ${name(element)}`); break; }
    }
    if (parseFloat(getComputedStyle(element).fontSize) < 10.5) wrong.push(`text is too small: ${name(element)}`);
  }
  for (const element of document.querySelectorAll("body *")) {
    if (!shown(element) || scrolls(element)) continue;
    if (getComputedStyle(element).overflowX === "hidden" && element.scrollWidth > element.clientWidth + 1) wrong.push(`cut off: ${name(element)}`);
  }

  // Pictures: each mark within its picture, no mark on another, no picture on the words beside it.
  for (const picture of document.querySelectorAll("svg")) {
    if (!shown(picture)) continue;
    const frame = picture.getBoundingClientRect();
    const marks = [...picture.querySelectorAll(":scope > g")].map(mark => mark.getBoundingClientRect());
    for (const [position, mark] of marks.entries()) {
      if (mark.left < frame.left - 1 || mark.top < frame.top - 1 || mark.right > frame.right + 1 || mark.bottom > frame.bottom + 1) wrong.push(`a mark leaves its picture: ${picture.getAttribute("aria-label")}`);
      for (const other of marks.slice(position + 1)) {
        if (mark.left < other.right && other.left < mark.right && mark.top < other.bottom && other.top < mark.bottom) wrong.push(`marks overlap: ${picture.getAttribute("aria-label")}`);
      }
    }
    if (picture.getAttribute("aria-hidden") !== "true" && !picture.getAttribute("aria-label")) wrong.push("a picture says nothing");
  }
  for (const group of document.querySelectorAll("header, section, article, dl, ol, ul, .in, .gate, .facts > div")) {
    const boxes = [...group.children].filter(child => shown(child) && child.getClientRects().length).map(child => [child, child.getBoundingClientRect()]);
    boxes.forEach(([one, a], position) => {
      for (const [other, b] of boxes.slice(position + 1)) {
        if (getComputedStyle(one).display === "inline" || getComputedStyle(other).display === "inline") continue;
        if (a.left < b.right - 1 && b.left < a.right - 1 && a.top < b.bottom - 1 && b.top < a.bottom - 1) wrong.push(`${name(one)} lies on ${name(other)}`);
      }
    });
  }

  // Structure: one h1, no level left out, ids unique, every reference leads somewhere, every link out is plain https.
  let level = 0;
  for (const heading of document.querySelectorAll("h1,h2,h3,h4,h5,h6")) {
    const next = Number(heading.localName[1]);
    if (next > level + 1) wrong.push(`a level is left out before ${name(heading)}`);
    level = next;
  }
  if (document.querySelectorAll("h1").length !== 1) wrong.push("not one h1");
  const ids = [...document.querySelectorAll("[id]")].map(element => element.id);
  for (const id of new Set(ids)) if (ids.filter(other => other === id).length > 1) wrong.push(`two elements have the id ${id}`);
  for (const link of document.querySelectorAll("a[href]")) {
    const target = link.getAttribute("href");
    if (target.startsWith("#") ? !document.getElementById(target.slice(1)) : !target.startsWith("https://")) wrong.push(`a link leads to ${target}`);
    if (!target.startsWith("#") && !link.relList.contains("noreferrer")) wrong.push(`a link tells where it was followed: ${target}`);
  }
  for (const element of document.querySelectorAll("[aria-labelledby]")) {
    if (!document.getElementById(element.getAttribute("aria-labelledby"))) wrong.push(`no label: ${name(element)}`);
  }

  const policy = document.querySelector("meta[http-equiv=Content-Security-Policy]")?.content ?? "";
  if (!policy.startsWith("default-src 'none'") || policy.includes("script-src")) wrong.push("the content security policy is not strict");

  // Nothing but what the template makes, whatever the names hold.
  const known = "html head meta link title style body a div header main footer nav section article h1 h2 h3 p span strong em dl dt dd ol ul li details summary code pre table caption thead tbody tr th td svg g rect path line circle text tspan title time".split(" ");
  for (const element of document.querySelectorAll("*")) {
    if (!known.includes(element.localName)) wrong.push(`an element that no report has: ${name(element)}`);
    for (const attribute of element.attributes) {
      if (/^on|^src|^srcset|^action|^formaction|^style$|^ping$/.test(attribute.name)) wrong.push(`an attribute that no report has: ${attribute.name}`);
      if (attribute.name === "href" && element.localName === "link" && attribute.value !== "data:,") wrong.push(`a link element to ${attribute.value}`);
    }
  }
  return [...new Set(wrong)];
})()

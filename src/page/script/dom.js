// Elements made of text, never of markup: what a tenant or a log calls things stays text.

const at = (id) => document.getElementById(id);

function make(tag, properties = {}, ...children) {
  const one = document.createElement(tag);
  for (const [name, value] of Object.entries(properties)) {
    if (value === undefined || value === null || value === false) continue;
    if (name === "click") one.addEventListener("click", value);
    else if (name === "text") one.textContent = value;
    else if (name === "value") one.value = value;
    else one.setAttribute(name, value === true ? "" : value);
  }
  one.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return one;
}

const shown = (text) => make("span", { lang: "en" }, ...marked(text));

// `code` between backticks, as the rules write it.
function marked(text) {
  return String(text)
    .split("`")
    .map((piece, index) => (index % 2 === 1 ? make("code", { text: piece }) : piece));
}

// A name or value that somebody else chose: one line, with what would reorder or hide it made visible.
function foreign(text) {
  const visible = String(text).replace(
    /[\u0000-\u001f\u007f-\u009f\u061c\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufeff]/g,
    (letter) => `\\u{${letter.codePointAt(0).toString(16)}}`,
  );
  return make("bdi", { text: visible });
}

function facts(rows) {
  const list = make("dl", { class: "facts" });
  for (const [name, value] of rows) {
    const isNothing = value === null || value === undefined || value === "" || (Array.isArray(value) && value.length === 0);
    if (isNothing) continue;
    list.append(make("dt", { text: name }), make("dd", {}, value instanceof Node ? value : foreign(value)));
  }
  return list.childElementCount > 0 ? list : null;
}

// Folders and blobs that a browser may forget soon after the click.
const KEPT_FOR = 60_000;

function save(name, text, type) {
  const address = URL.createObjectURL(new Blob([text], { type }));
  const link = make("a", { href: address, download: name });
  document.body.append(link);
  link.click();
  link.remove();
  setTimeout(() => URL.revokeObjectURL(address), KEPT_FOR);
}

const SAVED_AS = {
  json: "application/json",
  markdown: "text/markdown",
  html: "text/html",
  archive: "application/zip",
};

const saveButton = (what, act) => make("button", { type: "button", click: act }, word("download", { what }));

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    // Without the permission the old way still works in a click.
    const field = make("textarea", { value: text, readonly: true, "aria-label": word("copy") });
    document.body.append(field);
    field.select();
    const isCopied = document.execCommand("copy");
    field.remove();
    return isCopied;
  }
}

// A text to paste elsewhere, with its button.
function copyable(text, properties = {}) {
  const button = make("button", { type: "button", class: "small" }, word("copy"));
  button.addEventListener("click", async () => {
    const isCopied = await copyText(text);
    button.textContent = word(isCopied ? "copied" : "copy.failed");
    button.focus();
  });
  return make("div", { class: "copied" }, make("pre", { lang: "en", ...properties, text }), button);
}

// The whole document, byte for byte as the command line prints it.
function wholeAnswer(kind, json) {
  const pre = make("pre", { class: "long", tabindex: "0", role: "group", lang: "en", "data-answer": kind, "aria-label": word("answer.json") });
  pre.textContent = json;
  return make(
    "details",
    {},
    make("summary", {}, word("answer.json")),
    pre,
    make("p", { class: "buttons" }, saveButton("JSON", () => save(`${kind}.json`, json, SAVED_AS.json))),
  );
}

// One number of the list: a step, and what can be done in its stead.
const place = ({ step, alternatives }) =>
  make("li", {}, shown(step), alternatives.map((other) => make("p", { class: "or" }, make("strong", {}, word("remedy.or")), " ", shown(other))));

function remedyOf(remedy, places) {
  if (!remedy) return [];
  const links = (remedy.links ?? []).filter((link) => link.startsWith("https://"));
  return [
    make("p", {}, make("strong", {}, `${word("remedy.owner")}: `), shown(remedy.owner)),
    ...(remedy.before ?? []).map((need) => make("p", {}, shown(need))),
    make("p", { class: "label" }, word("remedy.steps")),
    make("ol", { class: "steps" }, places.map(place)),
    ...(remedy.commands ?? []).flatMap((command) => [
      make("p", { class: "label" }, command.shell),
      copyable(command.text),
    ]),
    facts([
      [word("remedy.avoid"), remedy.avoid ? shown(remedy.avoid) : null],
      [word("remedy.verify"), remedy.verify ? shown(remedy.verify) : null],
    ]) ?? "",
    links.length === 0 ? "" : make("p", { class: "label" }, word("remedy.links")),
    links.length === 0
      ? ""
      : make(
          "ul",
          { class: "steps" },
          links.map((link) => make("li", {}, make("a", { href: link, rel: "noreferrer noopener", target: "_blank", text: link }))),
        ),
  ];
}

function choices(select, rows) {
  const chosen = select.value;
  select.replaceChildren(...rows.map(([value, text]) => make("option", { value, text })));
  for (const option of select.options) option.value = rows[option.index][0];
  if (rows.some(([value]) => value === chosen)) select.value = chosen;
}

function labelled(text, field) {
  return make("label", {}, make("span", { text }), " ", field);
}

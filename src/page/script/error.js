// The view of an error: decoded as it is typed, and the answer for files.

// Long enough that a word is not decoded letter by letter, short enough to feel like none.
const PAUSE = 180;

// Longer texts are logs: they are read from the file.
const LONGEST_PASTE = 4_000_000;

let typed = null;
let lastDecoded = null;
let decodedText = "";

function decodeTyped() {
  clearTimeout(typed);
  typed = setTimeout(() => attempt(() => decodeText(at("error-text").value)), PAUSE);
}

async function decodeText(text) {
  const place = at("error-answer");
  if (text.trim() === "") {
    lastDecoded = null;
    decodedText = "";
    place.replaceChildren();
    return;
  }
  if (text.length > LONGEST_PASTE) {
    await decodeFiles([new File([text], "")]);
    return;
  }
  const json = await call("decode", { inputs: [text] });
  // What was typed meanwhile has its own answer coming.
  if (at("error-text").value !== text) return;
  decodedText = text;
  const token = await hide(text);
  await showDecoded(json, token);
}

// Takes secrets out of the field after they were read with it. Answers with a token, if there was one.
async function hide(text) {
  const masked = await call("mask", { text });
  const note = at("error-masked");
  if (masked === text) {
    note.hidden = !text.includes("[token removed]") && !text.includes("[secret removed]");
    return null;
  }
  if (at("error-text").value === text) at("error-text").value = masked;
  decodedText = masked;
  note.textContent = word("error.masked");
  note.hidden = false;
  return /eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_.-]+/.exec(text)?.[0] ?? null;
}

async function decodeFiles(files) {
  const size = files.reduce((sum, file) => sum + file.size, 0);
  const what = files.map((file) => file.name).filter(Boolean).join(", ") || word("error.label");
  const json = await askLong(what, size, "decode", { inputs: files });
  decodedText = "";
  await showDecoded(json, null);
}

// Which grant is the smallest depends on the account: its snapshot completes the answer.
async function withSnapshot(json) {
  if (openCase.kind !== "snapshot") return json;
  return call("grants", { json, snapshot: openCase.file, profile: "" });
}

async function showDecoded(said, token) {
  const isRefused = JSON.parse(said).errors.some((error) => error.grant);
  const json = isRefused ? await withSnapshot(said) : said;
  const answer = JSON.parse(json);
  const places = JSON.parse(await call("places", { remedies: answer.errors.map((error) => error.remedy ?? null) }));
  answer.errors.forEach((error, index) => (error.places = places[index]));
  lastDecoded = answer;
  const place = at("error-answer");
  const parts = [];
  if (token) {
    const open = () => attempt(async () => {
      show("token");
      await readToken(token);
    });
    parts.push(make("p", { class: "buttons" }, make("button", { type: "button", click: open }, word("error.token"))));
  }
  if (answer.recognised) parts.push(...recognised(answer));
  else parts.push(...(await notRecognised(answer)));
  if (isRefused) parts.push(grantsFrom(said, token));
  const markdown = () => attempt(async () => save("decode.md", await call("decoded", { json, format: "markdown" }), SAVED_AS.markdown));
  const html = () => attempt(async () => save("decode.html", await call("decoded", { json, format: "html" }), SAVED_AS.html));
  parts.push(make("p", { class: "buttons" }, saveButton(word("answer.markdown"), markdown), saveButton(word("answer.html"), html)));
  parts.push(wholeAnswer("decode", json));
  place.replaceChildren(...parts);
}

function recognised(answer) {
  const primary = answer.errors.find((error) => error.code === answer.primary);
  const rest = answer.errors.filter((error) => error !== primary);
  const others = [...rest];
  return [
    make(
      "p",
      { class: "next" },
      make("strong", {}, answer.category ?? ""),
      word(`password.${answer.password}`),
      answer.newest?.outcome === "succeeded" ? ` ${word("error.newest-success")}` : "",
    ),
    primary ? errorCard(primary, true) : "",
    ...followsOf(answer),
    ...tablesOf(answer),
    others.length === 0 ? "" : make("h3", {}, word("error.rest")),
    ...others.map((error) => errorCard(error, false)),
    ...foreignOf(answer),
  ];
}

async function notRecognised(answer) {
  const parts = [make("p", { class: "next" }, word("error.nothing"), answer.newest?.outcome === "succeeded" ? ` ${word("error.newest-success")}` : "")];
  const found = await call("symptom", { said: decodedText });
  const symptom = about.list.symptoms.find((one) => one.id === found);
  if (symptom) {
    parts.push(make("p", {}, word("error.symptom", { title: symptomTitle(symptom) })));
    parts.push(make("p", { class: "buttons" }, make("button", { type: "button", click: () => attempt(() => begin(found)) }, word("error.ask"))));
  }
  return [...parts, ...foreignOf(answer)];
}

const foreignOf = (answer) =>
  answer.foreign.length === 0 ? [] : [make("p", { class: "dim" }, `${word("error.foreign")}: `, foreign(answer.foreign.join(", ")))];

function followsOf(answer) {
  const rows = answer.inferences ?? [];
  if (rows.length === 0) return [];
  return [
    make("h3", {}, word("error.follows")),
    make("ul", { class: "steps" }, rows.map((row) => make("li", {}, shown(row.says), " ", make("span", { class: "dim" }, word("error.because", { because: row.because }))))),
  ];
}

function errorCard(error, isPrimary) {
  const count = error.count === 1 ? word("error.once") : word("error.times", { count: error.count });
  return make(
    "article",
    { class: isPrimary ? "root" : "", lang: null },
    make("h3", {}, foreign(error.code), error.name ? " " : "", error.name ? make("span", { class: "dim" }, foreign(error.name)) : ""),
    make("p", {}, error.meaning ? shown(error.meaning) : word("error.undocumented")),
    (error.causes ?? []).length === 0 ? "" : make("p", { class: "label" }, word("error.causes")),
    (error.causes ?? []).length === 0 ? "" : make("ul", { class: "steps" }, error.causes.map((cause) => make("li", {}, shown(cause)))),
    ...remedyOf(error.remedy, error.places),
    ...grantOf(error.grant),
    facts([
      [word("error.checks"), (error.rules ?? []).length > 0 ? names(error.rules) : null],
      [word("error.seen"), error.isExplained ? null : count],
      [word("error.line"), error.count > 1 || error.first_line > 1 ? error.first_line : null],
      [word("error.first"), error.first_seen],
      [word("error.last"), error.last_seen === error.first_seen ? null : error.last_seen],
      [word("error.policies"), (error.conditional_access_policies ?? []).join(", ")],
      ...Object.entries(error.ids ?? {}),
    ]) ?? "",
  );
}

// Whose evidence says which grant is the smallest, or that a snapshot would say it.
function grantsFrom(said, token) {
  if (openCase.kind !== "snapshot") {
    const open = make("button", { type: "button", class: "small", click: () => at("file-input").click() }, word("file.open"));
    return make("p", { class: "note" }, word("error.grant.open"), " ", open);
  }
  const leave = () => attempt(async () => {
    closeCase();
    await showDecoded(said, token);
  });
  return make("p", { class: "note" }, word("error.grant.with", { name: openCase.name }), " ", make("button", { type: "button", class: "small", click: leave }, word("ask.leave")));
}

// Who lacks which right on what, and what would give it, the smallest grant first.
function grantOf(grant) {
  if (!grant) return [];
  const party = (one) => (one ? [one.kind ? word(`party.${one.kind}`) : "", one.name ?? one.id ?? ""].filter(Boolean).join(" ") : null);
  const depth = (one) => (one ? word(`depth.${one}`) : null);
  const isOther = (one) => one && one.id !== grant.principal.id;
  return [
    make("h4", {}, word("error.grant")),
    facts([
      [word("error.grant.right"), grant.access_rights.join(", ")],
      [word("error.grant.table"), grant.table],
      [word("error.grant.privilege"), grant.privilege],
      [word("error.grant.for"), party(grant.principal)],
      [word("error.grant.caller"), isOther(grant.caller) ? party(grant.caller) : null],
      [word("error.grant.owner"), isOther(grant.owner) ? party(grant.owner) : null],
      [word("error.grant.needed"), depth(grant.depth_needed)],
      [word("error.grant.held"), depth(grant.depth_held)],
    ]) ?? "",
    grant.options.length === 0 ? "" : make("p", { class: "label" }, word("error.grant.ways")),
    grant.options.length === 0 ? "" : make("ol", { class: "steps" }, grant.options.map((option) => make("li", { lang: "en" }, foreign(option.why)))),
  ];
}

function tablesOf(answer) {
  const groups = (title, rows) =>
    (rows ?? []).length === 0
      ? []
      : [make("h3", {}, title), table(["", word("error.seen"), ""], rows.map((row) => [row.id, row.count, row.codes.join(", ")]), title)];
  const requests = answer.requests ?? [];
  return [
    ...groups(word("error.accounts"), answer.principals),
    ...groups(word("error.attempts"), answer.correlations),
    ...(requests.length === 0
      ? []
      : [make("h3", {}, word("error.requests")), table(["#", "", "", ""], requests.map((row) => [row.index, `${row.method} ${row.url}`, row.status, row.codes.join(", ")]), word("error.requests"))]),
  ];
}

function table(heads, rows, name) {
  return make(
    "div",
    { class: "wide", tabindex: "0", role: "group", "aria-label": name },
    make(
      "table",
      {},
      heads.some(Boolean) ? make("thead", {}, make("tr", {}, heads.map((head) => (head ? make("th", { scope: "col" }, head) : make("td"))))) : "",
      make("tbody", {}, rows.map((row) => make("tr", {}, row.map((cell) => make("td", {}, cell instanceof Node ? cell : foreign(cell ?? "")))))),
    ),
  );
}

function startErrorView() {
  at("error-text").addEventListener("input", decodeTyped);
  at("error-clear").addEventListener("click", () => {
    at("error-text").value = "";
    at("error-masked").hidden = true;
    decodeTyped();
    at("error-text").focus();
  });
  at("error-files").addEventListener("click", () => at("file-input").click());
}

// What leaves the page, redacted, and what stays; and a case file that came back.

// 128 bits that nobody can guess: the key of the case, kept in the map alone.
const randomKey = () => Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");

async function redactCase() {
  at("file-form").replaceChildren();
  const answer = JSON.parse(await askLong(openCase.name, openCase.file.size, "redact", { snapshot: openCase.file, random: randomKey(), map: openCase.map }));
  const mapName = answer.name.replace(/\.snapshot\.json$/, ".map.json");
  const leaves = make("pre", { class: "long", tabindex: "0", role: "group", "data-answer": "redacted", "aria-label": word("redact.leaves") });
  leaves.textContent = answer.snapshot;
  at("file-answer").replaceChildren(
    make("p", { class: "next", role: "status" }, word("redact.how")),
    make("p", {}, word("redact.count", { count: answer.replaced.length }), openCase.map ? ` ${word("redact.with-map", { name: openCase.mapName })}` : ""),
    make("p", { class: "buttons" }, saveButton(word("redact.snapshot"), () => save(answer.name, answer.snapshot, SAVED_AS.json)), saveButton(word("redact.map"), () => save(mapName, answer.map, SAVED_AS.json))),
    ...replacedIn(answer),
    make("h4", {}, word("redact.leaves")),
    leaves,
  );
}

const replacedIn = (answer) => [
  make("h4", {}, word("redact.replaced")),
  table([word("redact.kind"), word("redact.original"), word("redact.pseudonym")], answer.replaced, word("redact.replaced")),
];

function caseForm() {
  at("file-answer").replaceChildren();
  at("file-form").replaceChildren(make("p", {}, word("case.how")), form([field("case-error", "check.error", "textarea")], word("case.go"), caseFile));
  at("case-error").value = lastDecoded?.recognised ? decodedText : "";
  at("case-error").focus();
}

async function caseFile() {
  const answers = talk.answers.length > 0 ? askSettings().answers : null;
  const made = await askLong(openCase.name, openCase.file.size, "caseFile", { snapshot: openCase.file, random: randomKey(), map: openCase.map, error: said("case-error"), answers });
  at("case-error").value = await call("mask", { text: at("case-error").value });
  at("file-answer").replaceChildren(
    make("p", { class: "next", role: "status" }, word("case.ready")),
    make("p", {}, shown(made.headline)),
    make("p", {}, word("redact.count", { count: made.replaced.length }), openCase.map ? ` ${word("redact.with-map", { name: openCase.mapName })}` : ""),
    make("p", { class: "buttons", "data-answer": "case" }, saveButton(word("case.file"), () => save(made.name, made.archive, SAVED_AS.archive)), saveButton(word("redact.map"), () => save(made.name.replace(/\.case\.zip$/, ".map.json"), made.map, SAVED_AS.json))),
    ...replacedIn(made),
  );
}

// A case file was verified before anything of it is shown.
async function showArchive() {
  const json = await call("openCase", { file: openCase.file });
  const opened = JSON.parse(json);
  openCase.report = await call("report", { file: JSON.stringify(opened.report) });
  await showReport();
  const tool = `${opened.manifest.tool.name} ${opened.manifest.tool.version}`;
  at("file-answer").prepend(
    make("p", { class: "next", role: "status" }, word("case.verified", { tool, count: opened.manifest.files.length })),
    make("p", { class: "label" }, word("case.limits")),
    make("ul", { class: "steps" }, opened.limits.split("\n").filter((line) => line.startsWith("- ")).map((line) => make("li", {}, shown(line.slice(2))))),
  );
  at("file-answer").append(wholeAnswer("report-open", json));
}

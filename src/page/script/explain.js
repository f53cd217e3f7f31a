// The view of a name: what a check, an error code or a symptom is, as `explain` says it.

// Names that lead to their page.
function names(ids) {
  const open = (id) => () => attempt(() => explain(id));
  return make("span", { class: "names" }, ids.map((id) => make("button", { type: "button", class: "small", click: open(id) }, make("code", { text: id }))));
}

async function explain(name) {
  show("explain");
  at("explain-name").value = name;
  const json = await call("explain", { name });
  const page = JSON.parse(json);
  const remedies = [page.remedy ?? null, ...Object.values(page.remedies ?? {})];
  const places = JSON.parse(await call("places", { remedies }));
  const parts = page.symptom ? symptomPage(page) : page.kind === "rule" ? rulePage(page, places) : codePage(page, places);
  at("explain-answer").replaceChildren(...parts, wholeAnswer("explain", json));
  at("explain-answer").querySelector("h3").focus();
}

const pageTitle = (...title) => make("h3", { tabindex: "-1" }, ...title);

function rulePage(page, places) {
  const under = Object.entries(page.remedies).map(([profile, remedy], index) =>
    make("details", {}, make("summary", {}, word("explain.under", { profile: word(`profile.${profile}`) })), make("div", {}, ...remedyOf(remedy, places[index + 1]))),
  );
  const applies = Object.entries(page.applies).map(([profile, what]) => make("li", {}, `${word(`profile.${profile}`)}: `, make("span", { lang: "en" }, what)));
  return [
    pageTitle(shown(page.title)),
    facts([
      [word("explain.id"), page.id],
      [word("explain.severity"), page.severity],
      [word("explain.area"), page.area],
      [word("explain.expectation"), shown(page.expectation)],
      [word("explain.why"), shown(page.why)],
      [word("explain.applies"), make("ul", { class: "steps" }, applies)],
      [word("explain.requires"), page.requires.length > 0 ? names(page.requires) : null],
      [word("explain.explained-by"), page.explained_by.length > 0 ? names(page.explained_by) : null],
    ]),
    make("p", { class: "label" }, word("explain.when")),
    make("pre", { lang: "en", text: page.when }),
    ...remedyOf(page.remedy, places[0]),
    ...under,
  ];
}

function codePage(page, places) {
  const card = errorCard({ ...page, places: places[0], isExplained: true }, false);
  card.querySelector("h3").tabIndex = -1;
  return [
    make("p", { class: "next" }, word(`password.${page.password}`)),
    card,
    facts([
      [word("explain.decimal"), page.decimal],
      [word("explain.checked"), page.checked],
    ]) ?? "",
  ];
}

const symptomPage = (page) => [
  pageTitle(shown(page.title)),
  make("p", {}, shown(page.means)),
  make("p", { class: "label" }, word("explain.causes")),
  names(page.causes),
  make("p", { class: "buttons" }, make("button", { type: "button", click: () => attempt(() => begin(page.symptom)) }, word("error.ask"))),
];

// What there is to look up, once the engine has said it.
function wordExplainView() {
  if (!about) return;
  const option = (value, label) => make("option", { value, label });
  at("explain-names").replaceChildren(...about.list.symptoms.map((symptom) => option(symptom.id, symptomTitle(symptom))), ...about.checks.map((id) => option(id)));
}

function startExplainView() {
  at("explain-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const name = at("explain-name").value.trim();
    attempt(async () => {
      at("explain-answer").replaceChildren();
      if (name !== "") await explain(name);
    });
  });
}

// The view of a token. The field is emptied as soon as it was read, and the token is nowhere else.

const SAYS = ["kind", "user", "object_id", "tenant_id", "application_id", "audience", "issuer", "ip_address", "scopes", "roles", "directory_roles", "authentication_methods", "issued_at", "valid_from", "expires_at", "judged_at"];

async function readToken(text) {
  if (text.trim() === "") {
    say(word("token.empty"), true);
    return;
  }
  const environment = at("token-environment").value.trim();
  at("token-answer").replaceChildren();
  const json = await call("token", { text, environment, now: now() });
  showToken(json);
}

function showToken(json) {
  const report = JSON.parse(json);
  const service = report.service;
  const isRefused = report.refused_because.length > 0;
  const verdict = !service ? word("token.other") : word(isRefused ? "token.refused" : "token.fits", { service: word(`service.${service}`) });
  const met = (need) => word(`token.met.${need.met}`);
  at("token-answer").replaceChildren(
    make("p", { class: "state" }, word("token.read")),
    make("p", { class: "next" }, verdict),
    ...(isRefused ? [make("p", { class: "label" }, word("token.because")), make("ul", { class: "steps" }, report.refused_because.map((reason) => make("li", { lang: "en" }, foreign(reason))))] : []),
    make("p", { class: "note" }, word("token.unverified")),
    make("h3", {}, word("token.says")),
    facts(SAYS.map((name) => [word(`token.${name}`), Array.isArray(report[name]) ? report[name].join(" ") : report[name]])) ?? "",
    make("h3", {}, word("token.needs")),
    table(
      [word("token.service"), word("token.requirement"), word("token.has"), word("token.met")],
      report.needs.map((need) => [word(`service.${need.service}`), `${need.requirement}: ${need.needed}`, need.has, met(need)]),
      word("token.needs"),
    ),
    wholeAnswer("token", json),
  );
}

function startTokenView() {
  at("token-form").addEventListener("submit", (event) => {
    event.preventDefault();
    const field = at("token-text");
    const text = field.value;
    field.value = "";
    attempt(() => readToken(text));
  });
}

// Every word of the page, from one table; the words about problems come from the engine.

const TABLE = JSON.parse(document.getElementById("words").textContent);
let language = "en";

function word(key, values = {}) {
  const text = TABLE[language][key] ?? TABLE.en[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (whole, name) => (name in values ? String(values[name]) : whole));
}

// A symptom's title in the reader's language; the table has it for every language but the engine's own.
function symptomTitle(symptom) {
  return TABLE[language][`symptom.${symptom.id}`] ?? symptom.title;
}

function languageOfTitle(symptom) {
  return `symptom.${symptom.id}` in TABLE[language] ? language : "en";
}

function nameLanguage(chosen) {
  language = chosen in TABLE ? chosen : "en";
  document.documentElement.lang = language;
  for (const one of document.querySelectorAll("[data-word]")) one.textContent = word(one.dataset.word);
  for (const one of document.querySelectorAll("[data-label]")) one.setAttribute("aria-label", word(one.dataset.label));
  for (const one of document.querySelectorAll("[data-language]")) {
    one.setAttribute("aria-pressed", String(one.dataset.language === language));
  }
}

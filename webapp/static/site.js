// Small comforts; every page works without them.

const OPENING = "\u201c", CLOSING = "\u201d";

// Keys: "/" and Ctrl or Cmd with K go to the search box. A single-letter key must be possible to switch off.
function keysOff(choice) {
  try {
    if (choice) localStorage.setItem("rosetta.keys", choice);
    return localStorage.getItem("rosetta.keys") === "off";
  } catch { // storage is blocked: the keys work, as they do by default
    return false;
  }
}
const typing = (target) => target.closest("input, textarea, select, [contenteditable]") !== null;

document.addEventListener("keydown", (event) => {
  const slash = event.key === "/" && !event.ctrlKey && !event.metaKey && !event.altKey && !typing(event.target);
  const combination = event.key.toLowerCase() === "k" && (event.ctrlKey || event.metaKey) && !event.altKey;
  const box = document.getElementById("q");
  if (!box || keysOff() || !(slash || combination)) return;
  event.preventDefault();
  box.focus();
  box.select();
});

if (!keysOff() && matchMedia("(hover: hover) and (min-width: 48rem)").matches) {
  const hint = Object.assign(document.createElement("kbd"), { className: "hint", textContent: "/" });
  hint.setAttribute("aria-hidden", "true");
  document.querySelector(".field")?.append(hint);
}

for (const place of document.querySelectorAll("[data-keys]")) {
  const label = document.createElement("label");
  const choice = document.createElement("input");
  choice.type = "checkbox";
  choice.checked = !keysOff();
  choice.addEventListener("change", () => keysOff(choice.checked ? "on" : "off"));
  label.append(choice, " ", place.dataset.keys);
  place.append(label);
}

// The menu closes as menus do: by Esc, by a press elsewhere, when the focus has gone on.
for (const menu of document.querySelectorAll("details.menu")) {
  const outside = (target) => !menu.contains(target);
  document.addEventListener("pointerdown", (event) => { if (outside(event.target)) menu.open = false; });
  menu.addEventListener("focusout", (event) => { if (event.relatedTarget && outside(event.relatedTarget)) menu.open = false; });
  menu.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || !menu.open) return;
    menu.open = false;
    menu.querySelector("summary").focus();
  });
}

// How much was found is said aloud once the page is there; the results themselves are not read out.
for (const place of document.querySelectorAll("[data-announce]")) {
  setTimeout(() => { place.textContent = place.dataset.announce; }, 300);
}

// Buttons beside each quote. The clipboard exists on localhost and over https only.
const words = document.getElementById("tool-words")?.dataset ?? {};

function button(text, act) {
  const made = document.createElement("button");
  made.type = "button";
  made.setAttribute("aria-live", "polite");
  made.textContent = text;
  made.addEventListener("click", () => act(made));
  return made;
}

function say(made, text, then) {
  made.textContent = text;
  setTimeout(() => { made.textContent = then; }, 2000);
}

// An address to hand on: whoever opens it has a language of her own.
function address(link) {
  const url = new URL(link.href);
  url.searchParams.delete("ui");
  return url.href;
}

function citation(figure) {
  const link = figure.querySelector("cite a");
  const source = figure.querySelector(".source").textContent;
  return `${OPENING}${figure.querySelector("blockquote").textContent}${CLOSING}\n${link.textContent}, ${source}\n${address(link)}`;
}

async function share(figure, made) {
  const link = figure.querySelector("cite a");
  if (!navigator.share) {
    await navigator.clipboard.writeText(address(link));
    return say(made, words.copied, words.link);
  }
  try {
    await navigator.share({ title: link.textContent, text: figure.querySelector("blockquote").textContent, url: address(link) });
  } catch (error) {
    if (error.name !== "AbortError") throw error; // the reader thought better of it
  }
}

// Translation by machine: by a program on the server where it has one, else by the browser itself, where it can:
// https://developer.mozilla.org/docs/Web/API/Translator (the first time it may have to fetch a model).
const PATIENCE = { server: 30_000, browser: 120_000 };

async function byServer(address, signal) {
  const reply = await fetch(address, { signal });
  if (!reply.ok) throw new Error(`${reply.status}`);
  return (await reply.json()).text;
}

async function byBrowser(quote, pair, signal) {
  const translator = await Translator.create({ ...pair, signal });
  return translator.translate(quote, { signal });
}

// Not everything heeds a signal.
function stopped(signal) {
  return new Promise((_, reject) => { signal.addEventListener("abort", () => reject(signal.reason)); });
}

const running = new WeakMap();
async function translate(figure, made, who, ask) {
  if (running.has(made)) return running.get(made).abort("cancelled");
  const shown = figure.querySelector(".translated");
  if (shown) {
    shown.remove();
    made.textContent = words.translate;
    return;
  }
  const stop = new AbortController();
  const clock = setTimeout(() => stop.abort("late"), PATIENCE[who]);
  running.set(made, stop);
  made.textContent = `${words.translating} (${words.cancel})`;
  try {
    const text = await Promise.race([ask(stop.signal), stopped(stop.signal)]);
    const note = Object.assign(document.createElement("small"), { textContent: who === "server" ? words.byServer : words.byBrowser });
    const place = Object.assign(document.createElement("div"), { className: "translated", lang: document.documentElement.lang, dir: document.documentElement.dir });
    place.append(Object.assign(document.createElement("p"), { textContent: text }), note);
    figure.querySelector("blockquote").after(place);
    made.textContent = words.original;
  } catch {
    if (stop.signal.reason === "cancelled") made.textContent = words.translate;
    else say(made, stop.signal.aborted ? words.late : words.failed, words.translate);
  } finally {
    clearTimeout(clock);
    running.delete(made);
  }
}

const pairs = new Map();
function translatable(sourceLanguage) {
  const pair = { sourceLanguage, targetLanguage: document.documentElement.lang };
  if (!pairs.has(sourceLanguage)) {
    const known = "Translator" in self && sourceLanguage !== pair.targetLanguage;
    pairs.set(sourceLanguage, known ? Translator.availability(pair).catch(() => "unavailable") : Promise.resolve("unavailable"));
  }
  return pairs.get(sourceLanguage).then((state) => (state && state !== "unavailable" ? pair : null));
}

for (const tools of document.querySelectorAll("[data-quote]")) {
  const figure = tools.closest("figure");
  const made = [];
  if (navigator.clipboard) {
    made.push(button(words.copy, async (one) => {
      await navigator.clipboard.writeText(citation(figure));
      say(one, words.copied, words.copy);
    }));
  }
  if (navigator.clipboard || navigator.share) {
    made.push(button(navigator.share ? words.share : words.link, (one) => share(figure, one)));
  }
  tools.prepend(...made);
  const offer = (who, ask) => tools.querySelector("details").before(button(words.translate, (one) => translate(figure, one, who, ask)));
  const quote = figure.querySelector("blockquote");
  if (tools.dataset.translated) offer("server", (signal) => byServer(tools.dataset.translated, signal));
  else translatable(quote.lang).then((pair) => { if (pair) offer("browser", (signal) => byBrowser(quote.textContent, pair, signal)); });
}

if (navigator.clipboard) {
  for (const block of document.querySelectorAll("pre[data-copy]")) {
    block.before(button(block.dataset.copy, async (one) => {
      await navigator.clipboard.writeText(block.textContent);
      say(one, block.dataset.copied, block.dataset.copy);
    }));
  }
}

// An address with a quote but without its anchor opens at the quote all the same.
if (!location.hash) document.querySelector("mark.quoted")?.scrollIntoView({ block: "center" });

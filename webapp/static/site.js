// Small comforts; every page works without them.

const MARK = "\u201c", END = "\u201d";

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

for (const place of document.querySelectorAll("[data-keys]")) {
  const label = document.createElement("label");
  const choice = document.createElement("input");
  choice.type = "checkbox";
  choice.checked = !keysOff();
  choice.addEventListener("change", () => keysOff(choice.checked ? "on" : "off"));
  label.append(choice, " ", place.dataset.keys);
  place.append(label);
}

// A button that copies a quote with where it is from. The clipboard exists on localhost and over https only.
function citation(figure) {
  const link = figure.querySelector("cite a");
  const source = figure.querySelector(".source").textContent;
  return `${MARK}${figure.querySelector("blockquote").textContent}${END}\n${link.textContent}, ${source}\n${link.href}`;
}

if (navigator.clipboard) {
  for (const tools of document.querySelectorAll("[data-copy]")) {
    const button = document.createElement("button");
    button.type = "button";
    button.setAttribute("aria-live", "polite");
    button.textContent = tools.dataset.copy;
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(citation(tools.closest("figure")));
      button.textContent = tools.dataset.copied;
      setTimeout(() => { button.textContent = tools.dataset.copy; }, 2000);
    });
    tools.prepend(button);
  }
}

// An address with a quote but without its anchor opens at the quote all the same.
if (!location.hash) document.querySelector("mark.quoted")?.scrollIntoView({ block: "center" });

// Suggestions while typing: an editable combobox with a listbox, as the ARIA Authoring Practices describe it.

const WAIT = 120; // milliseconds without a key before asking

class Suggestions {
  constructor(field) {
    this.field = field;
    this.input = field.querySelector("input");
    this.items = [];
    this.active = -1;
    this.list = Object.assign(document.createElement("ul"), { className: "suggestions", id: "suggestions", hidden: true });
    this.list.setAttribute("role", "listbox");
    this.list.setAttribute("aria-label", field.dataset.listLabel);
    this.count = Object.assign(document.createElement("span"), { className: "hidden" });
    this.count.setAttribute("role", "status");
    field.append(this.list, this.count);
    const states = { role: "combobox", "aria-autocomplete": "list", "aria-controls": "suggestions", "aria-expanded": "false" };
    for (const [name, value] of Object.entries(states)) this.input.setAttribute(name, value);
    this.input.addEventListener("input", () => this.later());
    this.input.addEventListener("keydown", (event) => this.key(event));
    this.input.addEventListener("blur", () => this.close());
    // The box must keep the focus while the mouse is on the list.
    this.list.addEventListener("mousedown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.choose(this.items.indexOf(event.target.closest("li"))));
  }

  later() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.timer = setTimeout(() => this.ask(), WAIT);
  }

  async ask() {
    const typed = this.input.value.trim();
    if (!typed) return this.close();
    this.request = new AbortController();
    try {
      const asked = new URLSearchParams({ q: typed, query_language: document.documentElement.lang });
      const reply = await fetch(`${this.field.dataset.suggest}?${asked}`, { signal: this.request.signal });
      this.show(reply.ok ? (await reply.json()).suggestions : []);
    } catch (error) {
      if (error.name !== "AbortError") this.close();
    }
  }

  show(found) {
    if (document.activeElement !== this.input) return;
    this.list.replaceChildren(...found.map((one, index) => this.option(one, index)));
    this.items = [...this.list.children];
    this.mark(-1);
    this.open(this.items.length > 0);
    const number = new Intl.NumberFormat(document.documentElement.lang).format(found.length);
    this.count.textContent = found.length ? this.field.dataset.some.replace("{number}", number) : this.field.dataset.none;
  }

  option(one, index) {
    const item = document.createElement("li");
    item.id = `suggestion-${index}`;
    item.setAttribute("role", "option");
    const text = document.createElement("span");
    text.lang = one.language;
    text.dir = "auto";
    text.textContent = one.text;
    item.append(text);
    return item;
  }

  open(shown) {
    this.list.hidden = !shown;
    this.input.setAttribute("aria-expanded", String(shown));
  }

  close() {
    clearTimeout(this.timer);
    this.request?.abort();
    this.mark(-1);
    this.open(false);
    this.count.textContent = "";
  }

  mark(index) {
    this.items[this.active]?.setAttribute("aria-selected", "false");
    this.active = index;
    const item = this.items[index];
    if (!item) return this.input.removeAttribute("aria-activedescendant");
    item.setAttribute("aria-selected", "true");
    item.scrollIntoView({ block: "nearest" });
    this.input.setAttribute("aria-activedescendant", item.id);
  }

  key(event) {
    const open = !this.list.hidden;
    if (event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      if (!open) return void this.ask();
      const step = event.key === "ArrowDown" ? 1 : -1;
      const places = this.items.length + 1; // one of them is the box itself
      this.mark(((this.active + 1 + step + places) % places) - 1);
    } else if (event.key === "Enter" && open && this.active >= 0) {
      event.preventDefault();
      this.choose(this.active);
    } else if (event.key === "Escape") {
      event.preventDefault();
      if (open) this.close();
      else this.input.blur();
    }
  }

  choose(index) {
    if (index < 0) return;
    this.input.value = this.items[index].firstChild.textContent;
    this.close();
    this.input.form.requestSubmit();
  }
}

for (const field of document.querySelectorAll("[data-suggest]")) new Suggestions(field);

// Small helps for the staff pages. Every act works without this file.
(() => {
  "use strict";
  const one = (selector, from = document) => from.querySelector(selector);
  const all = (selector, from = document) => [...from.querySelectorAll(selector)];
  // asked of the attributes: fields named `action` and `method` stand before the form's own properties
  const posts = (form) => (form.getAttribute("method") || "").toLowerCase() === "post";
  const address = (form) => form.getAttribute("action") || location.href;
  const typing = (el) => el && (el.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(el.tagName));

  // keys: `/` goes to the search box, Ctrl+Enter sends the form one is in, Esc closes menus
  document.addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.ctrlKey && !event.metaKey && !typing(event.target)) {
      const box = one("#search-main") || one("#search");
      if (box) { event.preventDefault(); box.focus(); box.select(); }
    } else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
      const form = (event.target.closest && event.target.closest("form")) || one("form[data-main]");
      if (form && posts(form)) {
        event.preventDefault();
        form.requestSubmit(one("[data-primary]", form) || undefined);
      }
    } else if (event.key === "Escape") {
      all("details.menu[open]").forEach((menu) => { menu.open = false; });
    }
  });
  document.addEventListener("click", (event) => {
    all("details.menu[open]").forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
    const asks = event.target.closest && event.target.closest("[data-print]");
    if (asks) { event.preventDefault(); window.print(); }
  });

  // a second click on a running form does nothing; the button comes back with the page (also from the Back cache)
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.dataset.again !== undefined || !posts(form)) return;
    if (form.dataset.sent) { event.preventDefault(); return; }
    form.dataset.sent = "1";
    form.dispatchEvent(new CustomEvent("shouxu:sent"));
    setTimeout(() => { delete form.dataset.sent; }, 8000);
  });
  window.addEventListener("pageshow", () => all("form[data-sent]").forEach((form) => delete form.dataset.sent));

  // after a refusal the summary of errors is read first
  const summary = one(".summary");
  if (summary) summary.focus();

  // drafts: what was typed is saved by itself every 20 seconds
  all("form[data-autosave]").forEach((form) => {
    let dirty = false;
    const said = one("[data-autosave-said]", form);
    form.addEventListener("input", () => { dirty = true; });
    form.addEventListener("shouxu:sent", () => { dirty = false; });
    const save = async () => {
      if (!dirty || form.dataset.sent) return;
      dirty = false;
      const data = new FormData(form);
      all("input[type=file]", form).forEach((input) => data.delete(input.name));
      data.set("action", "draft");
      try {
        const answer = await fetch(address(form), { method: "POST", body: data, headers: { "X-Autosave": "1" } });
        if (!answer.ok) throw new Error(String(answer.status));
        if (said) said.textContent = said.dataset.autosaveSaid.replace("%s", new Date().toLocaleTimeString([], { hour: "2-digit", minute: "2-digit" }));
      } catch (error) {
        dirty = true;
        if (said) said.textContent = said.dataset.autosaveFailed;
      }
    };
    setInterval(save, 20000);
    window.addEventListener("beforeunload", (event) => { if (dirty && !form.dataset.sent) event.preventDefault(); });
  });

  // fields that are asked only when another answer says so: the server judges, this page shows or hides them
  all("form[data-autosave]").forEach((form) => {
    if (!one("[data-when]", form)) return;
    form.addEventListener("change", async (event) => {
      if (!event.target.closest("[data-field]") || event.target.type === "file") return;
      const data = new FormData(form);
      all("input[type=file]", form).forEach((input) => data.delete(input.name));
      data.set("action", "edit");
      const answer = await fetch(address(form), { method: "POST", body: data });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      all("[data-when]", form).forEach((field) => {
        const judged = page.querySelector(`[data-field="${field.dataset.field}"]`);
        if (judged) field.hidden = judged.hidden;
      });
    });
  });

  // checklist: count what is done while tapping
  all("form[data-checklist]").forEach((form) => {
    const bar = one("progress", form), text = one("[data-count]", form);
    const start = Number(form.dataset.checked || 0);
    const count = () => {
      const done = start + all(".check[data-fresh]", form).filter((row) => one("input[type=radio]:checked", row)).length;
      if (bar) bar.value = done;
      if (text) text.textContent = `${done}/${bar ? bar.max : ""}`;
    };
    form.addEventListener("change", count);
    count();
  });

  // a rail that scrolls sideways (phone) shows the present step
  const rail = one(".rail ol"), present = one(".rail a[aria-current]");
  if (rail && present) rail.scrollLeft += present.getBoundingClientRect().left - rail.getBoundingClientRect().left - rail.clientWidth / 3;

  // board: say what a cell is when the pointer or the focus is on it
  const tip = one("[data-board-tip]");
  if (tip) {
    const say = (event) => { const cell = event.target.closest && event.target.closest(".u"); if (cell) tip.textContent = cell.title || cell.getAttribute("aria-label"); };
    document.addEventListener("mouseover", say);
    document.addEventListener("focusin", say);
  }
  if (!CSS.supports("selector(:has(*))")) document.documentElement.classList.add("no-has");
})();

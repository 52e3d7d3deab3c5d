"use strict";
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const one = (id) => document.getElementById(id);
  const { paths } = JSON.parse(one("island").textContent);
  const tools = one("tools");
  const status = one("status");
  const filters = all("[data-filter]", tools);
  const rows = all(".row").map((element) => ({ element, text: element.textContent.toLowerCase() }));
  document.documentElement.classList.add("script");
  tools.hidden = false;

  const make = (name, text, className = "") => {
    const made = document.createElement(name);
    made.textContent = text;
    if (className) made.className = className;
    return made;
  };

  const narrow = () => {
    const wanted = one("search").value.trim().toLowerCase();
    const words = wanted.split(/\s+/).filter(Boolean);
    let shown = 0;
    let findings = 0;
    for (const { element, text } of rows) {
      const fits = words.every((word) => text.includes(word)) && filters.every(({ value, dataset }) => {
        const held = element.dataset[dataset.filter];
        return !value || held === undefined || held === value;
      });
      element.toggleAttribute("data-hidden", !fits);
      shown += fits ? 1 : 0;
      findings += fits && element.matches(".finding") ? 1 : 0;
    }
    const narrowed = words.length || filters.some(({ value }) => value);
    const every = all(".finding").length;
    const cut = document.querySelector(".cut") ? " Rows that are not on this page were not searched." : "";
    status.value = narrowed
      ? `${findings} of ${every} findings on this page and ${shown - findings} other rows match.${cut}` : "";
    // Paper has no filters to look at, so it says that rows are left out.
    if (narrowed) one("main").dataset.narrowed = `Narrowed by search or filters: ${status.value}`;
    else delete one("main").dataset.narrowed;
  };

  const showAll = () => {
    document.documentElement.classList.toggle("all", one("technical").checked);
    narrow();
  };

  const reveal = () => {
    const name = decodeURIComponent(location.hash.slice(1));
    if (!name.startsWith("finding-")) return;
    const target = one(name);
    if (!target) {
      status.value = `${name.replace("finding-", "Finding ")} is not on this page. Look in audit.json.`;
      return;
    }
    if (target.hasAttribute("data-hidden")) {
      tools.reset();
      showAll();
    }
    target.open = true;
    target.scrollIntoView();
    target.querySelector("summary").focus({ preventScroll: true });
  };

  const held = (row, place) => {
    const cell = row.cells[place];
    if (cell.dataset.rank) return Number(cell.dataset.rank);
    return cell.classList.contains("number") ? Number(cell.textContent.replaceAll(",", "")) : cell.textContent;
  };
  const order = (a, b) => (typeof a === "number" && typeof b === "number"
    ? a - b : String(a).localeCompare(String(b), "en", { numeric: true }));
  const sort = (heading) => {
    const body = heading.closest("table").tBodies[0];
    const place = heading.cellIndex;
    const down = heading.getAttribute("aria-sort") === "ascending";
    all("[aria-sort]", heading.parentElement).forEach((other) => other.removeAttribute("aria-sort"));
    heading.setAttribute("aria-sort", down ? "descending" : "ascending");
    const sorted = [...body.rows].sort((a, b) => order(held(a, place), held(b, place)) * (down ? -1 : 1));
    body.append(...sorted);
  };

  const lay = (row) => {
    const lanes = make("ul", "", "lanes");
    for (const [gate, ways] of paths[Number(row.dataset.path)]) {
      const lane = make("li", "");
      lane.append(make("span", `What ${gate}${ways.length > 1 ? ", any one of" : ""}:`, "gate"));
      for (const way of ways) {
        const steps = make("ol", "", "way");
        steps.append(...[row.cells[0].textContent, ...way].map((step) => make("li", step)));
        lane.append(steps);
      }
      lanes.append(lane);
    }
    one("shown-title").textContent = `Path: ${row.dataset.person} → ${row.cells[3].textContent}`;
    one("shown-path").replaceChildren(lanes);
    one("shown").showModal();
  };

  for (const heading of all("th")) {
    const button = make("button", heading.textContent);
    button.type = "button";
    button.addEventListener("click", () => sort(heading));
    heading.replaceChildren(button);
  }
  for (const row of all("[data-path]")) {
    row.dataset.person = row.cells[0].textContent;
    const button = make("button", "Path", "ask");
    button.type = "button";
    button.setAttribute("aria-label", `Path of ${row.cells[0].textContent} to ${row.cells[3].textContent}`);
    button.addEventListener("click", () => lay(row));
    row.cells[8].prepend(button);
  }
  let waiting = 0;
  tools.addEventListener("input", () => { clearTimeout(waiting); waiting = setTimeout(narrow, 120); });
  tools.addEventListener("reset", () => { clearTimeout(waiting); setTimeout(showAll, 0); });
  tools.addEventListener("submit", (event) => event.preventDefault());
  one("technical").addEventListener("change", ({ target }) => {
    document.documentElement.classList.toggle("all", target.checked);
  });
  addEventListener("keydown", (event) => {
    if (event.key === "/" && !event.target.matches("input, select, textarea")) {
      event.preventDefault();
      one("search").focus();
    }
  });
  one("open").addEventListener("click", () => {
    const open = all(".finding:not([data-hidden])");
    const close = open.every((finding) => finding.open);
    open.forEach((finding) => { finding.open = !close; });
    one("open").textContent = close ? "Open all findings" : "Close all findings";
  });
  addEventListener("hashchange", reveal);
  document.addEventListener("click", (event) => {
    const link = event.target.closest('a[href^="#finding-"]');
    // Where the address is the same already, it does not change, and so nobody else would look.
    if (!link || link.hash !== location.hash) return;
    event.preventDefault();
    reveal();
  });
  reveal();
})();

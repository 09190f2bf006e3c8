// Makes long tables sortable and filterable; the page says everything without it.
"use strict";
for (const region of document.querySelectorAll("[data-sortable]")) {
  const table = region.querySelector("table"), body = table.tBodies[0], rows = [...body.rows];
  const values = rows.map(row => [...row.cells].map(cell => cell.textContent.trim()));
  const names = new Intl.Collator(undefined, { numeric: true });
  const compare = (a, b) => {
    const x = parseFloat(a), y = parseFloat(b), plain = /^[-\d.]/;
    if (plain.test(a) && plain.test(b) && x !== y && !isNaN(x - y)) return x - y;
    return names.compare(a, b);
  };
  [...table.tHead.rows[0].cells].forEach((head, column) => {
    const button = document.createElement("button");
    button.type = "button";
    button.append(...head.childNodes);
    head.append(button);
    button.addEventListener("click", () => {
      const turn = head.getAttribute("aria-sort") === "ascending" ? -1 : 1;
      for (const other of table.tHead.rows[0].cells) other.removeAttribute("aria-sort");
      head.setAttribute("aria-sort", turn === 1 ? "ascending" : "descending");
      const order = rows.map((_, i) => i).sort((i, j) => turn * compare(values[i][column], values[j][column]) || i - j);
      body.append(...order.map(i => rows[i]));
    });
  });
  if (rows.length < 10) continue;
  const box = document.createElement("div"), label = document.createElement("label");
  const input = document.createElement("input"), count = document.createElement("span");
  box.className = "filter";
  label.textContent = "Show rows with ";
  input.type = "search";
  label.htmlFor = input.id = `filter-${table.className || "rows"}`;
  count.setAttribute("role", "status");
  const texts = values.map(cells => cells.join(" ").toLowerCase());
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, i) => {
      row.hidden = !words.every(word => texts[i].includes(word));
      shown += !row.hidden;
    });
    count.textContent = words.length ? `${shown} of ${rows.length}` : "";
  });
  box.append(label, input, count);
  region.before(box);
}

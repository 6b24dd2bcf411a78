(() => {
  const tools = document.querySelector(".tools");
  if (!tools) return;
  const search = tools.querySelector("input[type=search]");
  const boxes = [...tools.querySelectorAll("input[type=checkbox]")];
  const said = tools.querySelector("output");
  const parts = [...document.querySelectorAll("section[data-action]")];
  const rows = parts.flatMap((part) => [...part.querySelectorAll("tbody tr")].map((row) => (
    { row, action: part.dataset.action, text: row.textContent.toLowerCase() })));
  function filter() {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    const actions = new Set(boxes.filter((box) => box.checked).map((box) => box.value));
    let shown = 0;
    for (const { row, action, text } of rows) {
      row.hidden = !(actions.has(action) && words.every((word) => text.includes(word)));
      shown += !row.hidden;
    }
    for (const part of parts) part.hidden = !part.querySelector("tbody tr:not([hidden])");
    for (const fold of document.querySelectorAll("section details")) if (words.length) fold.open = true;
    said.textContent = `${shown.toLocaleString("en")} of ${rows.length.toLocaleString("en")} shown`;
  }
  search.addEventListener("input", filter);
  for (const box of boxes) box.addEventListener("change", filter);
  tools.hidden = false;
  filter();
})();

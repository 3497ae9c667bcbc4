"use strict";
// Shows the rows that hold every word of what is typed.
(() => {
  const search = document.getElementById("search");
  if (!search) return;
  const rows = [...document.querySelectorAll("#reports tbody tr")];
  const texts = rows.map((row) => row.textContent.toLowerCase());
  const told = document.getElementById("found");
  search.addEventListener("input", () => {
    const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    rows.forEach((row, place) => {
      row.hidden = !words.every((word) => texts[place].includes(word));
      shown += !row.hidden;
    });
    told.textContent = words.length ? `${shown} of ${rows.length}` : `${rows.length} report${rows.length === 1 ? "" : "s"}`;
  });
})();

"use strict";
// Shows the rows that hold every word of what is typed, and links to two runs side by side.
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

  const beside = document.getElementById("beside");
  if (!beside) return;
  const boxes = [...document.querySelectorAll("#reports .choose")];
  const chosen = []; // the names, in the order in which they were ticked
  const tell = () => {
    boxes.forEach((box) => { box.checked = chosen.includes(box.value); });
    const link = document.createElement("a");
    link.textContent = "See both side by side";
    link.href = `/beside/${chosen.map(encodeURIComponent).join("/")}`;
    beside.replaceChildren(chosen.length === 2 ? link : "Tick two runs to see them side by side.");
  };
  boxes.forEach((box) => {
    box.hidden = false;
    box.addEventListener("change", () => {
      if (box.checked) chosen.push(box.value);
      else chosen.splice(chosen.indexOf(box.value), 1);
      if (chosen.length > 2) chosen.shift(); // the third takes the place of the first
      tell();
    });
  });
  beside.hidden = false;
  tell();
})();

"use strict";
(() => {
  const { cuts, chosen, interval, sets } = JSON.parse(document.getElementById("cuts").textContent);
  const range = document.getElementById("cut-range");
  const typed = document.getElementById("cut-value");
  const summary = document.getElementById("cut-summary");
  const whole = new Intl.NumberFormat("en");
  const three = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3, roundingMode: "halfEven" });
  const signed = (text) => text.replace("-", "−");
  const short = (value) => value.toPrecision(4);

  const share = (part, all) => (all ? part / all : null);
  const counts = ({ same, different, tp, fp }, i) => ({ tp: tp[i], fn: same - tp[i], fp: fp[i], tn: different - fp[i] });
  const measures = ({ tp, fn, fp, tn }) => ({
    accuracy: share(tp + tn, tp + fn + fp + tn),
    precision: share(tp, tp + fp),
    recall: share(tp, tp + fn),
    false_accepts: share(fp, fp + tn),
    f1: share(2 * tp, 2 * tp + fp + fn),
    called_same: share(tp + fp, tp + fn + fp + tn),
  });

  const lines = [...document.querySelectorAll(".live")].map((holder) => {
    const [low, high] = holder.dataset.x.split(" ").map(Number);
    const [left, right] = holder.dataset.at.split(" ").map(Number);
    const svg = holder.querySelector("svg");
    const line = holder.appendChild(document.createElement("i"));
    line.className = "at";
    return (cut, moved) => {
      const place = Math.min(1, Math.max(0, (cut - low) / (high - low)));
      line.hidden = !moved;
      line.style.left = `${100 * (left + place * (right - left))}%`;
      line.style.top = `${svg.getBoundingClientRect().top - holder.getBoundingClientRect().top + svg.clientHeight * 0.1}px`;
      line.style.height = `${svg.clientHeight * 0.74}px`;
    };
  });

  const fill = (cell, value, before) => {
    const moved = value !== null && before !== null && value !== before;
    cell.firstChild.data = value === null ? "undefined" : signed(three.format(value));
    cell.lastElementChild.textContent = moved ? (value > before ? "+" : "−") + three.format(Math.abs(value - before)) : "";
  };

  const prices = [document.getElementById("price-false"), document.getElementById("price-missed")];
  const cost = ({ tp, fn, fp, tn }) => (Number(prices[0].value) * fp + Number(prices[1].value) * fn) / (tp + fn + fp + tn);
  const cheapest = () => {
    const costs = cuts.map((_, i) => cost(counts(sets.validation, i)));
    const best = costs.indexOf(Math.min(...costs));
    document.getElementById("cheapest").textContent = `Cheapest on the validation scores: ${signed(short(cuts[best]))}, at ${three.format(costs[best])} a pair.`;
  };

  const show = (i) => {
    const cut = cuts[i];
    range.value = i;
    range.setAttribute("aria-valuetext", short(cut));
    typed.value = Number(short(cut));
    lines.forEach((move) => move(cut, i !== chosen));
    for (const [name, set] of Object.entries(sets)) {
      const now = counts(set, i);
      const table = document.querySelector(`[data-confusion="${name}"]`);
      for (const [key, value] of Object.entries(now)) table.querySelector(`[data-count="${key}"]`).textContent = whole.format(value);
      const at = measures(now), before = measures(counts(set, chosen));
      for (const [key, value] of Object.entries(at)) {
        fill(document.querySelector(`[data-measures="${name}"] [data-measure="${key}"]`), value, before[key]);
      }
      fill(document.querySelector(`[data-cost="${name}"]`), cost(now), cost(counts(set, chosen)));
    }
    summary.textContent = i === chosen
      ? `At the chosen threshold, ${signed(short(cut))}.`
      : `At ${signed(short(cut))}, ${i < chosen ? "below" : "above"} the chosen ${signed(short(cuts[chosen]))}; small figures are changes.`;
  };

  const nearest = (value) => cuts.reduce((best, cut, i) => (Math.abs(cut - value) < Math.abs(cuts[best] - value) ? i : best), 0);

  range.max = cuts.length - 1;
  const along = (i) => `(.5rem + ${i / (cuts.length - 1)} * (100% - 1rem))`;
  document.querySelector(".chosen-mark").style.left = `calc${along(chosen)}`;
  const band = document.querySelector(".chosen-interval");
  band.hidden = !interval;
  if (interval) {
    band.style.left = `calc${along(nearest(interval[0]))}`;
    band.style.right = `calc(100% - ${along(nearest(interval[1]))})`;
  }
  range.addEventListener("input", () => show(Number(range.value)));
  typed.addEventListener("change", () => show(typed.value === "" ? chosen : nearest(Number(typed.value))));
  document.getElementById("cut-reset").addEventListener("click", () => show(chosen));
  prices.forEach((price) => price.addEventListener("input", () => { cheapest(); show(Number(range.value)); }));
  addEventListener("resize", () => show(Number(range.value)));
  document.getElementById("explorer").hidden = false;
  document.getElementById("prices").hidden = false;
  document.getElementById("cut-table").open = false;
  cheapest();
  show(chosen);
})();

"use strict";
(() => {
  const { cuts, chosen, corners, gaps, interval, prior, sets } = JSON.parse(document.getElementById("cuts").textContent);
  const range = document.getElementById("cut-range");
  const typed = document.getElementById("cut-value");
  const summary = document.getElementById("cut-summary");
  const whole = new Intl.NumberFormat("en");
  const three = new Intl.NumberFormat("en", { minimumFractionDigits: 3, maximumFractionDigits: 3, roundingMode: "halfEven" });
  const signed = (text) => text.replace("-", "−");
  const short = (value) => value.toPrecision(4);

  // Cells weighed so that a share of the pairs are same, each class with the rates it has in the set; as they are for null.
  const weighed = ({ tp, fn, fp, tn }, share) => {
    if (share === null) return { tp, fn, fp, tn };
    const all = tp + fn + fp + tn, same = (share * all) / (tp + fn), different = ((1 - share) * all) / (fp + tn);
    return { tp: tp * same, fn: fn * same, fp: fp * different, tn: tn * different };
  };
  const ratio = (part, all) => (all > 0 && Number.isFinite(part / all) ? part / all : null);
  const counts = ({ same, different, tp, fp }, i) => ({ tp: tp[i], fn: same - tp[i], fp: fp[i], tn: different - fp[i] });
  const measures = ({ tp, fn, fp, tn }) => ({
    accuracy: ratio(tp + tn, tp + fn + fp + tn),
    precision: ratio(tp, tp + fp),
    recall: ratio(tp, tp + fn),
    false_accepts: ratio(fp, fp + tn),
    f1: ratio(2 * tp, 2 * tp + fp + fn),
    called_same: ratio(tp + fp, tp + fn + fp + tn),
  });
  const rate = (set, i) => weighed(counts(set, i), share);

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

  const prices = ["false", "missed"].map((name) => document.getElementById(`price-${name}`));
  const price = prices.map((field) => Number(field.value));
  let share = prior;
  let now = chosen;
  const cost = ({ tp, fn, fp, tn }) => ratio(price[0] * fp + price[1] * fn, tp + fn + fp + tn);

  // As calibration does: of equal ones that in the widest gap between scores, then the lowest.
  const cheapest = () => {
    const costs = corners.map((i) => Math.round(cost(rate(sets.validation, i)) * 1e12) / 1e12);
    const least = Math.min(...costs);
    const best = costs.flatMap((each, at) => (each === least ? [at] : []));
    const widest = Math.max(...best.map((at) => gaps[at]));
    return corners[best.find((at) => gaps[at] === widest)];
  };

  const plain = new Intl.NumberFormat("en", { useGrouping: false, maximumSignificantDigits: 15 });
  const setting = (key, value) => ` --set ${key}=${typeof value === "number" ? plain.format(value) : value}`;
  const told = document.querySelector("#line span"), line = document.querySelector("#line code"), copy = document.getElementById("copy");
  const write = (text, settings) => {
    told.textContent = text;
    line.textContent = settings && document.getElementById("line").dataset.command + settings + (share === prior ? "" : setting("prior", share));
    line.hidden = copy.hidden = !settings;
    copy.textContent = "Copy";
  };
  const writeLine = (i) => {
    if (i === chosen) return write("This threshold is at work. Once it is moved, the line that makes the new one stands here.", "");
    const { tp, fp, same, different } = sets.validation;
    if (i === cheapest()) {
      return write("This line makes it the threshold:", setting("objective", "cost") + setting("cost_false_same", price[0]) + setting("cost_missed", price[1]));
    }
    const better = corners.filter((j) => tp[j] > 0 && fp[j] <= fp[i]).reduce((best, j) => (best === null || tp[j] > tp[best] ? j : best), null);
    if (better === null) return write("Calibration chooses no threshold from which on no pair is called same.", "");
    const far = setting("objective", "tar-at-far") + setting("target", Math.min(1, (fp[better] + 0.5) / different));
    if (better === i) return write("This line makes it the threshold:", far);
    const errors = (j) => `${whole.format(fp[j])} false accepts and ${whole.format(same - tp[j])} misses`;
    write(`Calibration would choose ${signed(short(cuts[better]))}: ${errors(better)} among the validation pairs, where this has ${errors(i)}. This line makes that the threshold:`, far);
  };

  const show = (i) => {
    const cut = cuts[now = i];
    range.value = i;
    range.setAttribute("aria-valuetext", short(cut));
    typed.value = Number(short(cut));
    lines.forEach((move) => move(cut, i !== chosen));
    for (const [name, set] of Object.entries(sets)) {
      const table = document.querySelector(`[data-confusion="${name}"]`);
      for (const [key, value] of Object.entries(counts(set, i))) table.querySelector(`[data-count="${key}"]`).textContent = whole.format(value);
      const at = measures(rate(set, i)), before = measures(rate(set, chosen));
      for (const [key, value] of Object.entries(at)) {
        fill(document.querySelector(`[data-measures="${name}"] [data-measure="${key}"]`), value, before[key]);
      }
      fill(document.querySelector(`[data-cost="${name}"]`), cost(rate(set, i)), cost(rate(set, chosen)));
    }
    summary.textContent = i === chosen
      ? `At the chosen threshold, ${signed(short(cut))}.`
      : `At ${signed(short(cut))}, ${i < chosen ? "below" : "above"} the chosen ${signed(short(cuts[chosen]))}; small figures are changes.`;
    const best = cheapest();
    document.getElementById("cheapest").textContent = `Cheapest on the validation scores: ${signed(short(cuts[best]))}, at ${three.format(cost(rate(sets.validation, best)))} a pair.`;
    document.getElementById("use-cheapest").disabled = best === i;
    writeLine(i);
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
  document.getElementById("use-cheapest").addEventListener("click", () => show(cheapest()));

  // What can't be taken is said, and the last good value counts; leaving the field brings that back.
  const refused = document.getElementById("refused");
  const takes = (field, allowed, what, kept, take) => {
    field.addEventListener("input", () => {
      const value = field.value.trim() === "" ? null : Number(field.value);
      const good = allowed(value);
      field.setAttribute("aria-invalid", String(!good));
      refused.textContent = good ? "" : `Expected ${what}, found ${value === null ? "none" : signed(String(value))}: ${plain.format(kept())} still counts.`;
      if (good) take(value);
    });
    field.addEventListener("change", () => {
      if (field.getAttribute("aria-invalid") === "true") field.value = plain.format(kept());
      field.setAttribute("aria-invalid", "false");
    });
  };
  prices.forEach((field, k) => takes(
    field, (value) => value > 0 && value <= 1e15, "a price above 0", () => price[k], (value) => { price[k] = value; show(now); },
  ));

  const shareValue = document.getElementById("share-value"), shareRange = document.getElementById("share-range");
  const tested = sets.test.same / (sets.test.same + sets.test.different);
  const percent = () => Number(((share ?? tested) * 100).toPrecision(4));
  const logit = (part) => Math.log(part / (1 - part));
  const setShare = (value, from) => {
    share = value;
    if (from !== shareValue) shareValue.value = percent();
    if (from !== shareRange) shareRange.value = logit(share ?? tested);
    shareRange.setAttribute("aria-valuetext", `${percent()}%`);
    document.getElementById("share-told").textContent = share === null
      ? "Each set counts as it is; the test file’s share stands here."
      : "All figures but recall and false accept rate are weighed for it.";
    show(now);
  };
  takes(
    shareValue, (value) => value > 0 && value < 100, "a share between 0 and 100%", percent,
    (value) => setShare(Number((value / 100).toPrecision(12)), shareValue),
  );
  shareRange.addEventListener("input", () => {
    const part = 1 / (1 + Math.exp(-Math.abs(shareRange.value))), small = Number((1 - part).toPrecision(3));
    setShare(Number((shareRange.value > 0 ? 1 - small : small).toPrecision(12)), shareRange);
  });
  document.getElementById("share-reset").addEventListener("click", () => { refused.textContent = ""; setShare(prior); });

  copy.addEventListener("click", async () => {
    try {
      await navigator.clipboard.writeText(line.textContent);
      copy.textContent = "Copied";
    } catch { // where the browser forbids it: selected, for the user's own keys
      getSelection().selectAllChildren(line);
      copy.textContent = "Selected";
    }
  });
  addEventListener("resize", () => show(now));
  document.getElementById("explorer").hidden = false;
  document.getElementById("prices").hidden = false;
  document.getElementById("cut-table").open = false;
  setShare(prior);
})();

"use strict";
// Shows the values of a plot at a point: under the mouse, under a finger, or by arrow keys where the plot has the focus.
(() => {
  const plots = [...document.querySelectorAll("svg.plot[data-readings]")];
  if (!plots.length) return;
  const box = document.body.appendChild(document.createElement("div"));
  box.id = "at-hand";
  box.setAttribute("role", "status");
  box.hidden = true;
  const dot = document.body.appendChild(document.createElement("i"));
  dot.id = "at-hand-dot";
  dot.hidden = true;

  const hide = () => { box.hidden = dot.hidden = true; };
  const line = (text, strong) => {
    const made = box.appendChild(document.createElement(strong ? "strong" : "span"));
    made.textContent = text;
  };

  const show = (svg, { x, y, series }, [of, at]) => {
    const [left, top, atX] = series[of].points[at];
    // What stands above the same place of the axis is said together, whichever is nearest first.
    const together = series.map((one, i) => [one, i === of ? at : atX ? one.points.findIndex((point) => point[0] === left) : -1]);
    const [first, ...others] = [together[of], ...together.filter(([, place], i) => i !== of && place >= 0)];
    box.replaceChildren();
    if (atX) line(`${x || "at"} ${atX}`.trim());
    for (const [one, place] of [first, ...others]) line(`${one.name}: ${atX ? `${y} ` : ""}${one.points[place][3]}`, one === first[0]);
    box.hidden = dot.hidden = false;
    const frame = svg.getBoundingClientRect();
    const px = frame.left + left * frame.width, py = frame.top + top * frame.height;
    dot.style.left = `${px + scrollX}px`;
    dot.style.top = `${py + scrollY}px`;
    const room = document.documentElement.clientWidth - box.offsetWidth - 8;
    box.style.left = `${Math.max(8, Math.min(room, px + 12)) + scrollX}px`;
    const above = py - box.offsetHeight - 12;
    box.style.top = `${(above < 4 ? py + 16 : above) + scrollY}px`;
  };

  for (const svg of plots) {
    const readings = JSON.parse(svg.dataset.readings);
    const { series } = readings;
    let now = null;
    const go = (to) => { now = to; show(svg, readings, to); };
    const nearest = (event) => {
      const frame = svg.getBoundingClientRect();
      const far = ([left, top]) => Math.hypot(frame.left + left * frame.width - event.clientX, frame.top + top * frame.height - event.clientY);
      let best = [0, 0];
      series.forEach(({ points }, i) => points.forEach((point, j) => {
        if (far(point) < far(series[best[0]].points[best[1]])) best = [i, j];
      }));
      return best;
    };
    const beside = (by) => [now[0], Math.min(series[now[0]].points.length - 1, Math.max(0, now[1] + by))];
    const other = (by) => {
      const to = (now[0] + by + series.length) % series.length;
      const from = series[now[0]].points[now[1]][0];
      const far = series[to].points.map(([left]) => Math.abs(left - from));
      return [to, far.indexOf(Math.min(...far))];
    };
    const keys = {
      ArrowLeft: () => beside(-1), ArrowRight: () => beside(1), ArrowUp: () => other(-1), ArrowDown: () => other(1),
      Home: () => [now[0], 0], End: () => [now[0], series[now[0]].points.length - 1],
    };
    svg.setAttribute("tabindex", "0");
    svg.setAttribute("role", "application"); // so that a screen reader hands the arrow keys on
    svg.setAttribute("aria-roledescription", "plot; arrow keys read its values");
    for (const kind of ["pointermove", "pointerdown"]) svg.addEventListener(kind, (event) => go(nearest(event)));
    svg.addEventListener("pointerleave", (event) => { if (event.pointerType === "mouse" && document.activeElement !== svg) hide(); });
    svg.addEventListener("focus", () => { if (svg.matches(":focus-visible")) go(now ?? [0, Math.floor(series[0].points.length / 2)]); });
    svg.addEventListener("blur", hide);
    svg.addEventListener("keydown", (event) => {
      if (event.key === "Escape") hide();
      if (!(event.key in keys)) return;
      event.preventDefault();
      now ??= [0, 0];
      go(keys[event.key]());
    });
  }
  addEventListener("resize", hide);
  // A finger elsewhere ends it.
  addEventListener("pointerdown", (event) => { if (!event.target.closest?.("svg.plot")) hide(); });
})();

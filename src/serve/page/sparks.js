// Sparklines.
/** What they span, in milliseconds: as long as the page has been open, up to a minute, so that
    there soon is a line to be seen. */
const spanned = () => Math.min(MINUTE, Math.max(SPAN_FIRST, performance.now() - begun));

function drawSpark(svg, row, unit) {
  const points = trend(row);
  const values = points.map((point) => point[1]);
  const low = Math.min(...values, isGauge(row.now) ? Infinity : 0);
  const high = Math.max(...values);
  const range = high - low || 1;
  const span = spanned();
  const place = ([ago, value]) => [
    (100 - ago / span * 100).toFixed(2),
    (high === low ? 24 : 26 - (value - low) / range * 23).toFixed(2),
  ].join(" ");
  const line = points.length > 1 ? "M" + points.map(place).join("L") : "";
  const [, area, stroke] = svg.children;
  const left = points.length > 1 ? place(points[0]).split(" ")[0] : 0;
  area.setAttribute("d", line && `${line}V28H${left}Z`);
  stroke.setAttribute("d", line);
  svg.classList.toggle("still", high === low);
  const per = isGauge(row.now) ? "" : " per second";
  svg.setAttribute("aria-label", line && (high === low
    ? `steady at ${measure(high, unit)}${per}`
    : `from ${measure(low, unit)} to ${measure(high, unit)}${per}`));
  return {low, high, per, drawn: line !== ""};
}

const makeSpark = () => make("svg",
  {class: "spark", viewBox: "0 0 100 28", preserveAspectRatio: "none", role: "img"},
  make("path", {class: "base", d: "M0 27.5H100"}), make("path", {class: "area"}),
  make("path", {class: "line"}));

/** Only what is on the screen is drawn. */
const inSight = new Set();
const watcher = new IntersectionObserver((changes) => {
  for (const {target, isIntersecting} of changes) {
    const row = rows.get(target.dataset.name);
    if (!isIntersecting) {
      inSight.delete(row);
    } else {
      inSight.add(row);
      drawRow(row);
    }
  }
}, {rootMargin: "200px"});

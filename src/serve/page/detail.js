// A row's detail: its chart, its buckets, its first series.
function toggle(row) {
  const open = row.detail === null;
  row.name.setAttribute("aria-expanded", open);
  row.tr.classList.toggle("open", open);
  if (open) {
    row.sheet = make("div", {class: "sheet"});
    row.detail = make("tr", {class: "detail"}, make("td", {}, row.sheet));
    span(row);
    row.tr.after(row.detail);
    row.parts = makeDetail(row);
    drawDetail(row);
    poll();
  } else {
    row.detail.remove();
    row.detail = null;
  }
}

/** As many columns as there are: a narrow screen has fewer. */
function span(row) {
  row.detail.firstChild.colSpan =
    [...$("table").tHead.rows[0].cells].filter((cell) => cell.offsetWidth !== 0).length;
}

function makeDetail(row) {
  const {now} = row;
  const about = make("dl");
  const say = (term, ...value) => about.append(make("dt", {}, term), make("dd", {}, ...value));
  say("table", data.tables[now.table]);
  say("type", now.type);
  if (now.unit) say("unit", unitWord(now.unit));
  say("fed by", {service: "the service's code", sdk: "Stele", mapped: "a collector",
    caller: "the caller", absent: "nobody"}[now.source]);
  for (const {name, values} of now.labels)
    say(name, make("code", {class: "set"}, values.length ? values.join(" ") : "any value"));
  const text = make("div", {}, make("p", {}, now.reason ? `Absent: ${now.reason}` : now.help),
    about, make("p"), make("code", {class: "query", title: "PromQL"}, promql(now)));
  const parts = {spark: makeSpark(), axis: make("div", {class: "axis"}),
    buckets: make("div", {class: "buckets"}), series: make("div", {class: "wide"})};
  const chart = make("div", {}, make("h3", {}, "Last minute"), parts.spark, parts.axis,
    parts.buckets);
  row.sheet.append(text);
  if (now.exposed) row.sheet.append(chart);
  if (now.exposed) row.sheet.append(parts.series);
  return parts;
}

/** A query to begin with. */
function promql({name, type, labels, unit}) {
  const by = labels.length ? ` by (${labels[0].name})` : "";
  if (type === "counter") return `sum${by} (rate(${name}[5m]))`;
  if (type === "histogram")
    return `histogram_quantile(0.9, sum by (le) (rate(${name}_bucket[5m])))`;
  if (type === "summary") return `rate(${name}_sum[5m]) / rate(${name}_count[5m])`;
  if (unit === "unix_seconds") return `${name} - time()`;
  return type === "gauge" && labels.length ? `max${by} (${name})` : name;
}

function drawDetail(row) {
  const {now, parts} = row;
  const {low, high, per, drawn} = drawSpark(parts.spark, row, unitOf(now));
  parts.axis.replaceChildren(...(!drawn ? ["collecting…"] : [make("span", {},
    `${Math.round(spanned() / 1000)} s ago`),
    make("span", {}, high === low ? `${scale(high, now)}${per}`
      : `${scale(low, now)} … ${scale(high, now)}${per}`),
    make("span", {}, "now")]));
  if (now.buckets) drawBuckets(parts.buckets, now);
  if (now.first) drawSeries(parts.series, now);
}

/** Of a chart: a distribution's is in observations, not in its unit. */
const scale = (x, now) => "count" in now ? digits(x, 3) : measure(x, unitOf(now));

/** At most so many bars: native histograms have more buckets, which are joined. Empty ones at both
    ends are left out. */
const BARS_MAX = 24;

function drawBuckets(box, now) {
  const full = now.buckets.map((bucket) => bucket[2] !== 0);
  const [first, end] = [Math.max(0, full.indexOf(true)), full.lastIndexOf(true) + 2];
  const step = Math.ceil((end - first) / BARS_MAX);
  const bars = [];
  for (let i = first; i < Math.min(end, full.length); i += step) {
    const joined = now.buckets.slice(i, i + step);
    bars.push([toNumber(joined.at(-1)[1]),
      joined.reduce((sum, each) => sum + toNumber(each[2]), 0)]);
  }
  const most = Math.max(...bars.map((bar) => bar[1]), 1);
  box.replaceChildren(...bars.flatMap(([upper, count]) => {
    const bar = make("i", count ? {} : {class: "empty"});
    bar.style.width = `${count / most * 100}%`;
    const end = Number.isFinite(upper) ? `≤ ${measure(upper, now.unit)}` : "more";
    return [make("span", {}, end), bar, make("span", {}, digits(count))];
  }));
}

function drawSeries(box, now) {
  const list = now.first.map((each) => {
    const view = shown(now, each);
    const value = make("td", {class: "number", title: view.exact}, view.main);
    if (view.small) value.append(" ", make("small", {}, view.small));
    return make("tr", {}, make("td", {}, labelText(each)), value);
  });
  const more = now.series - now.first.length;
  const title = now.series === 1 ? "One series" : more > 0
    ? `The first ${now.first.length} of ${digits(now.series)} series` : `${now.series} series`;
  box.replaceChildren(make("h3", {}, title),
    make("table", {}, make("tbody", {}, ...list)));
  if (more > 0) box.append(make("p", {}, `${digits(more)} more are on `,
    make("a", {href: "metrics"}, "/metrics"), "."));
}

/** Labels as an exposition has them, values set apart. Each is isolated: it may be written from
    right to left. */
function labelText({labels, cut}) {
  const code = make("code");
  if (!labels) code.append(make("i", {}, "no labels"));
  for (const [, name, value] of labels.matchAll(/([a-zA-Z_]\w*)="((?:[^"\\]|\\.)*)(?:"|$),?/gsu))
    code.append(code.firstChild ? make("i", {}, ", ") : "", make("i", {}, `${name}=`),
      make("bdi", {}, value || '""'));
  if (cut) code.append(make("i", {}, " … cut"));
  return code;
}

// The rows of the table: made once, drawn anew where they are in sight.
const isAlive = (now) => now.exposed;
const fate = (now) => now.exposed ? "alive" : now.source === "absent" ? "absent" : "silent";

function makeRow(now) {
  const name = make("button",
    {type: "button", class: "name", "aria-expanded": "false", tabindex: "-1"},
    ...breakable(now.name));
  const labels = now.labels.map((label) => label.name).join(", ");
  const cells = {
    name: make("td", {}, name),
    type: make("td", {class: "type"}, now.type),
    help: make("td", {class: "help"}, make("div", {class: "clamp"}, now.help)),
    labels: make("td", {class: "labels"}, ...breakable(labels)),
    series: make("td", {class: "number series"}),
    value: make("td", {class: "number value"}, make("span"), make("small")),
    spark: make("td", {class: "trend"}, makeSpark()),
  };
  const tr = make("tr", {class: "row", "data-name": now.name}, ...Object.values(cells));
  const text = [now.name, now.help, `type:${now.type}`, `source:${now.source}`, `unit:${now.unit}`,
    ...now.labels.map((label) => `label:${label.name}`), `table:${data.tables[now.table]}`]
    .join(" ").toLowerCase();
  watcher.observe(tr);
  return {now, past: [], tr, cells, name, text, labels, detail: null, last: ""};
}

function drawRow(row) {
  const {now, cells} = row;
  setText(cells.series, now.series ? digits(now.series) : "");
  row.tr.classList.toggle("dead", !now.exposed);
  const [main, small] = cells.value.children;
  const view = shown(now, now, rateOf(row));
  if (!now.exposed) view.small = fate(now);
  if (now.exposed && !now.series) view.small = "no series yet";
  if (row.last !== "" && row.last !== view.main) flash(cells.value);
  row.last = view.main;
  setText(main, view.main);
  setText(small, view.small);
  if (cells.value.title !== view.exact) cells.value.title = view.exact;
  drawSpark(cells.spark.firstChild, row, unitOf(now));
  if (row.detail) drawDetail(row);
}

function flash(cell) {
  cell.classList.remove("moved");
  requestAnimationFrame(() => cell.classList.add("moved"));
}

const ORDER = {
  name: (row) => row.now.name,
  type: (row) => row.now.type,
  help: (row) => row.now.help.toLowerCase(),
  labels: (row) => row.labels || "\uffff",
  series: (row) => row.now.series ?? -1,
  value: (row) => shown(row.now, row.now).order,
  moved: movement,
};
const STARTS_HIGH = new Set(["series", "value", "moved"]);

function sorted(list) {
  const keys = new Map(list.map((row) => [row, ORDER[state.sort](row)]));
  const order = (a, b) => a < b ? -1 : a > b ? 1 : 0;
  return list.sort((a, b) => (state.down ? -1 : 1) * order(keys.get(a), keys.get(b)) ||
    order(a.now.name, b.now.name));
}

function matching() {
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  return [...rows.values()].filter((row) => words.every((word) => row.text.includes(word)));
}

/** Puts the rows that are to be seen into the table, in order. */
function arrange() {
  const found = matching();
  const coverage = state.show === "coverage";
  const list = sorted(found.filter((row) => state.show === "all" || isAlive(row.now)));
  const wanted = coverage ? []
    : list.flatMap((row) => row.detail ? [row.tr, row.detail] : [row.tr]);
  const present = $("rows").children;
  if (wanted.length !== present.length || wanted.some((tr, i) => tr !== present[i]))
    keepingFocus(() => $("rows").replaceChildren(...wanted));
  $("table").hidden = coverage || list.length === 0;
  $("coverage").hidden = !coverage;
  if (coverage) drawCoverage(found);
  setText($("found"), coverage || !data ? "" : state.query
    ? `${list.length} of ${rows.size} rows` : `${list.length} rows`);
  explainNone(coverage ? null : list.length, found.length);
  if (!list.some((row) => row.name.tabIndex === 0)) rove(list[0]);
  highlight(list);
}

function keepingFocus(change) {
  const focused = document.activeElement;
  change();
  if (focused !== document.activeElement && focused.isConnected) focused.focus();
}

function explainNone(here, elsewhere) {
  const none = $("none");
  none.hidden = here !== 0 || !data;
  if (none.hidden) return;
  none.replaceChildren(elsewhere === 0 ? "No documented row matches. " :
    `Nothing that is alive matches; of the rows that are not, ${elsewhere} do. `);
  const button = make("button", {type: "button"},
    elsewhere === 0 ? "Clear the search" : "Show all");
  button.onclick = () => elsewhere === 0 ? search("") : show("all");
  none.append(button);
}

/** Marks what was searched for, where the browser can without changing the document. */
function highlight(list) {
  if (!("highlights" in CSS)) return;
  const words = state.query.toLowerCase().split(/\s+/).filter(Boolean);
  const ranges = [];
  for (const row of words.length ? list : [])
    for (const cell of [row.name, row.cells.help.firstChild, row.cells.labels])
      for (const node of cell.childNodes)
        for (const word of words) {
          const at = (node.data ?? "").toLowerCase().indexOf(word);
          if (at >= 0) ranges.push(new StaticRange({startContainer: node, startOffset: at,
            endContainer: node, endOffset: at + word.length}));
        }
  CSS.highlights.set("found", new Highlight(...ranges));
}

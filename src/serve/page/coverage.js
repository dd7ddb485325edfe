// What of the table is alive, and who feeds it.
const SOURCES = {service: "the service's own code", sdk: "Stele itself",
  mapped: "a collector that is opted in", caller: "the caller, from a library of its choice",
  absent: "nobody, on purpose"};

function drawCoverage(found) {
  const now = found.map((row) => row.now);
  const of = (kind) => now.filter((row) => fate(row) === kind);
  const fed = now.filter((row) => row.exposed && (row.source === "sdk" || row.source === "caller"));
  const parts = [make("div", {class: "cover"}, heading("", "Who feeds the table"), matrix(now))];
  const list = (kind, title, lede, rows, third) => {
    if (rows.length === 0) return;
    parts.push(make("div", {class: "cover"}, heading(kind, `${title} (${rows.length})`),
      make("p", {}, lede), table(["Metric", "Source", third], rows.map((row) =>
        [breakable(row.name), [row.source], [row.reason ?? row.help]]))));
  };
  list("silent", "Documented, and silent",
    "No code of this program instantiates these rows, or their feeder is not switched on. " +
    "They are not exposed.", of("silent"), "Help");
  list("absent", "Absent on purpose",
    "The table says that nobody feeds these rows, and why. They are never exposed.",
    of("absent"), "Reason");
  list("alive", "Fed by Stele or by the caller",
    "Alive, without a line of the service's own instrumentation.", fed, "Help");
  $("coverage").replaceChildren(...parts);
}

const heading = (kind, text) =>
  make("h2", {}, make("span", kind ? {class: `tag ${kind}`} : {}, text));

function table(titles, lines, attributes = {}) {
  return make("table", attributes,
    make("thead", {}, make("tr", {}, ...titles.map((title) => make("th", {scope: "col"}, title)))),
    make("tbody", {}, ...lines.map((line) =>
      make("tr", {}, ...line.map((cell) => make("td", {}, ...cell))))));
}

function matrix(now) {
  const lines = Object.entries(SOURCES).map(([source, text]) => {
    const of = now.filter((row) => row.source === source);
    const alive = of.filter(isAlive).length;
    return [[source], [text], [String(of.length)], [String(alive)], [String(of.length - alive)]];
  }).filter((line) => line[2][0] !== "0");
  return table(["Source", "Fed by", "Documented", "Alive", "Not"], lines, {class: "matrix"});
}

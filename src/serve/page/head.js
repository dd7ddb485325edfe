// What runs here, and whether it answers.
function drawHead() {
  const counts = {alive: 0, silent: 0, absent: 0};
  let series = 0;
  for (const {now} of rows.values()) {
    ++counts[fate(now)];
    series += now.series;
  }
  const tables = data.tables.join(", ");
  setText($("program"), tables);
  document.title = `${tables} · Stele`;
  setText($("facts"), `Stele ${data.version} · up ${duration(Math.floor(data.uptime_ms / 1000))}`);
  const [alive, all] = document.querySelectorAll("#show b");
  setText(alive, String(counts.alive));
  setText(all, String(rows.size));
  const marked = (kind, text) => make("b", {class: kind}, text);
  const lede = [marked("", digits(rows.size)), `${rows.size === 1 ? " metric is" : " metrics are"} inscribed here. `,
    marked("alive", digits(counts.alive)), ` ${counts.alive === 1 ? "is" : "are"} alive, in `,
    digits(series), " series"];
  if (counts.silent) lede.push("; ", marked("silent", digits(counts.silent)),
    counts.silent === 1 ? " is silent, for no code feeds it"
      : " are silent, for no code feeds them");
  if (counts.absent) lede.push("; ", marked("absent", digits(counts.absent)),
    ` ${counts.absent === 1 ? "is" : "are"} absent on purpose`);
  const text = make("p", {}, ...lede, ".");
  if (text.textContent !== $("lede").textContent) $("lede").replaceChildren(...text.childNodes);
  $("bar").replaceChildren(...Object.entries(counts).filter(([, count]) => count).map(
    ([kind, count]) => {
      const part = make("i", {class: kind});
      part.style.flexGrow = count;
      return part;
    }));
  $("views").replaceChildren(...data.views.map((path) =>
    make("a", {href: path.replace(/^\//, "")}, path)));
}

function drawStatus(error) {
  document.body.classList.toggle("live", !error);
  document.body.classList.toggle("lost", Boolean(error));
  setText($("status"), !error ? "live" : heard
    ? `no answer since ${new Date(heard).toLocaleTimeString()}, still trying`
    : `no answer yet: ${error.message}`);
}

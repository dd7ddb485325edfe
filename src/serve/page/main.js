// Polling, and what the reader does.
let timer = 0;
let asking = false;
let again = false;

/** The page's own address without a name and password in it, with which nothing is fetched. */
const here = () => location.origin + location.pathname;

async function poll() {
  again = asking;
  if (asking) return;
  asking = true;
  clearTimeout(timer);
  const sent = performance.now();
  try {
    const open = [...rows.values()].filter((row) => row.detail).map((row) => row.now.name);
    const answer = await fetch(new URL(`-/table?series=${open.join(",")}`, here()),
      {cache: "no-store", signal: AbortSignal.timeout(15_000)});
    if (!answer.ok) throw new Error(`expected 200, saw ${answer.status}`);
    take(await answer.json());
    drawStatus();
  } catch (error) {
    drawStatus(error);
  }
  asking = false;
  const took = performance.now() - sent;
  const pause = answers < 6 ? PAUSE_FIRST : PAUSE_MIN;
  if (!document.hidden)
    timer = setTimeout(poll, again ? 0 : Math.max(pause - took, took * 10));
}

function take(answer) {
  data = answer;
  heard = Date.now();
  ++answers;
  const at = performance.now();
  begun ||= at;
  for (const now of data.rows) {
    const row = rows.get(now.name) ?? makeRow(now);
    rows.set(now.name, row);
    row.now = now;
    if (!now.exposed) continue;
    // What is asked for out of turn would be a rate over an instant.
    if (at - (row.past.at(-1)?.at ?? 0) < PAUSE_FIRST / 2) continue;
    row.past.push({at, value: tracked(now)});
    while (at - row.past[0].at > MINUTE + PAUSE_MIN) row.past.shift();
  }
  drawHead();
  if (!isBusy()) arrange();
  for (const row of inSight) drawRow(row);
}

/** Rows do not move under a pointer or the focus: only what they show does. */
function isBusy() {
  return data && $("rows").childElementCount !== 0 && state.show !== "coverage" &&
    ($("rows").matches(":hover") || $("rows").contains(document.activeElement));
}

function remember() {
  const kept = new URLSearchParams();
  if (state.query) kept.set("q", state.query);
  if (state.show !== "alive") kept.set("show", state.show);
  if (state.sort !== "name" || state.down)
    kept.set("sort", (state.down ? "-" : "") + state.sort);
  history.replaceState(null, "", `#${kept}`);
}

function recall() {
  const kept = new URLSearchParams(location.hash.slice(1));
  state.query = kept.get("q") ?? "";
  $("search").value = state.query;
  const sort = kept.get("sort") ?? "name";
  state.down = sort.startsWith("-");
  const key = sort.replace("-", "");
  state.sort = Object.hasOwn(ORDER, key) ? key : "name";
  const box = [...$("show").elements].find((each) => each.value === kept.get("show"));
  if (box) {
    box.checked = true;
    state.show = box.value;
  }
  markSort();
}

function change(what) {
  Object.assign(state, what);
  remember();
  arrange();
}

function search(query) {
  $("search").value = query;
  change({query});
}

function show(which) {
  $("show").querySelector(`[value=${which}]`).checked = true;
  change({show: which});
}

function markSort() {
  for (const head of document.querySelectorAll("[data-sort]")) {
    if (head.dataset.sort === state.sort)
      head.setAttribute("aria-sort", state.down ? "descending" : "ascending");
    else head.removeAttribute("aria-sort");
  }
}

function sortBy(key) {
  change({down: state.sort === key ? !state.down : STARTS_HIGH.has(key), sort: key});
  markSort();
}

/** One row's button is a stop of the Tab key; arrows move between rows. */
function rove(row) {
  for (const each of rows.values()) each.name.tabIndex = each === row ? 0 : -1;
}

function moveFocus(event) {
  const names = [...$("rows").querySelectorAll(".name")];
  const at = names.indexOf(document.activeElement);
  const to = {ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: names.length - 1}[event.key];
  if (at < 0 || to === undefined) return;
  event.preventDefault();
  if (to < 0) return $("search").focus();
  names[Math.min(to, names.length - 1)].focus();
}

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  const typing = event.target.matches("input:not([type=radio])");
  if (event.key === "/" && !typing) {
    event.preventDefault();
    $("search").focus();
    $("search").select();
  } else if (event.key === "Escape" && event.target === $("search")) {
    search("");
  } else if (event.key === "ArrowDown" && event.target === $("search")) {
    event.preventDefault();
    $("rows").querySelector(".name")?.focus();
  }
}

const THEMES = ["auto", "light", "dark"];
let theme = "auto";

function setTheme(to) {
  theme = to;
  if (theme === "auto") delete document.documentElement.dataset.theme;
  else document.documentElement.dataset.theme = theme;
  setText($("theme"), `◐ ${theme}`);
  $("theme").setAttribute("aria-label", `Colours: ${theme}`);
}

/** Storage may be switched off. */
function storedTheme(to) {
  try {
    if (to) localStorage.setItem("stele-theme", to);
    return localStorage.getItem("stele-theme");
  } catch {
    return to;
  }
}

function begin() {
  setTheme(THEMES.find((each) => each === storedTheme()) ?? "auto");
  $("theme").onclick = () => {
    setTheme(THEMES[(THEMES.indexOf(theme) + 1) % THEMES.length]);
    storedTheme(theme);
  };
  recall();
  $("search").oninput = () => change({query: $("search").value});
  $("show").onchange = (event) => {
    change({show: event.target.value});
    scrollTo(0, Math.min(scrollY, document.querySelector("main").offsetTop));
  };
  $("table").tHead.onclick = (event) => {
    const head = event.target.closest("[data-sort]");
    if (head) sortBy(head.dataset.sort);
  };
  $("rows").onclick = (event) => {
    const tr = event.target.closest(".row");
    if (tr && !String(getSelection())) toggle(rows.get(tr.dataset.name));
  };
  $("rows").onkeydown = moveFocus;
  $("rows").addEventListener("focusin", (event) => {
    if (event.target.matches(".name")) rove(rows.get(event.target.closest("tr").dataset.name));
  });
  document.addEventListener("keydown", onKey);
  document.addEventListener("visibilitychange", () => {
    clearTimeout(timer);
    if (!document.hidden) poll();
  });
  addEventListener("hashchange", () => {
    recall();
    arrange();
  });
  addEventListener("resize", () => {
    for (const row of rows.values()) if (row.detail) span(row);
  });
  poll();
}

begin();

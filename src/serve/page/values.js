// What a row, or one of its series, shows, and how it moved.
/** A point in time may be in seconds: process_start_time_seconds. */
function unitOf({name, type, unit}) {
  const isTime = type === "gauge" && unit === "seconds" && /time(stamp)?_seconds$/.test(name);
  return isTime ? "unix_seconds" : unit;
}

/** {main, small, order, exact}: the value as text, what it is sorted by, and to the digit. */
function shown(row, of, rate) {
  const unit = unitOf(row);
  if (!of.series) return {main: "", small: "", order: -Infinity, exact: ""};
  if (of.states) return {main: of.states.join(" + ") || "none", small: "", order: 0, exact: ""};
  if ("low" in of) {
    const [low, high] = [toNumber(of.low), toNumber(of.high)];
    const [from, to] = [measure(low, unit), measure(high, unit)];
    return {main: from === to ? from : `${from} … ${to}`, small: from === to ? "each" : "",
      order: high, exact: `${of.low} … ${of.high} ${unitWord(unit)}`};
  }
  if ("value" in of) {
    const value = toNumber(of.value);
    const small = unit === "unix_seconds" && value ? distance(value)
      : row.type === "counter" && rate > 0
        ? `+${unit ? measure(rate, unit) : digits(rate, 3)}/s` : "";
    const exact = `${of.value} ${unitWord(unit)}`;
    return {main: measure(value, unit), small, order: value, exact};
  }
  return "count" in of ? shownDistribution(unit, of)
    : {main: "—", small: "", order: -Infinity, exact: ""};
}

function shownDistribution(unit, of) {
  const count = toNumber(of.count);
  const exact = `count ${of.count}, sum ${of.sum} ${unitWord(unit)}`;
  const many = `n ${digits(count)}`;
  if (count === 0) return {main: "—", small: "none observed", order: -Infinity, exact};
  let parts = (of.quantiles ?? []).filter(([, value]) => value !== "NaN");
  if (of.buckets) parts = [0.5, 0.9].map((q) => [q, quantile(q, of.buckets)]);
  if (parts.length === 0) {
    const mean = toNumber(of.sum) / count;
    return {main: `mean ${measure(mean, unit)}`, small: many, order: mean, exact};
  }
  const [first, ...others] = parts.map(([q, value]) =>
    `p${Number((q * 100).toPrecision(6))} ${measure(toNumber(value), unit)}`);
  return {main: first, small: [...others.slice(-1), many].join(" · "),
    order: toNumber(parts[0][1]), exact};
}

const isGauge = (row) => row.type === "gauge" || row.type === "stateset" || row.type === "info";

/** What the sparkline is drawn of: a gauge's value, or a total whose growth counts. */
function tracked(row) {
  return toNumber(row.value ?? row.high ?? row.count ?? NaN);
}

/** [[milliseconds ago, value]]: values of a gauge, else events per second; a reset begins at 0. */
function trend(row) {
  const {past, now} = row;
  const end = past.at(-1)?.at ?? 0;
  const points = [];
  for (let i = isGauge(now) ? 0 : 1; i < past.length; ++i) {
    const {at, value} = past[i];
    const grown = isGauge(now) || value < past[i - 1].value ? value : value - past[i - 1].value;
    points.push([end - at, isGauge(now) ? value : grown / ((at - past[i - 1].at) / 1000)]);
  }
  return points.filter(([, value]) => Number.isFinite(value));
}

function rateOf(row) {
  const recent = trend(row).slice(-5);
  return recent.reduce((sum, point) => sum + point[1], 0) / (recent.length || 1);
}

/** How much it moved in its minute, over its size: what the last column sorts by. */
function movement(row) {
  const values = trend(row).map((point) => point[1]);
  if (values.length === 0) return -1;
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return (high - low) / Math.max(Math.abs(low), Math.abs(high), 1e-300);
}

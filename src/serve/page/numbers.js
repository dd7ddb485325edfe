// Numbers as people read them.
const SECONDS = {nanoseconds: 1e-9, microseconds: 1e-6, milliseconds: 1e-3, seconds: 1,
  minutes: 60, hours: 3600, days: 86400};
const DURATIONS = [[1e-6, 1e-9, "ns"], [1e-3, 1e-6, "µs"], [1, 1e-3, "ms"], [120, 1, "s"],
  [7200, 60, "min"], [172800, 3600, "h"], [Infinity, 86400, "d"]];
const grouped = new Intl.NumberFormat("en-US", {maximumFractionDigits: 0});

function digits(x, count = 4) {
  if (!Number.isFinite(x)) return Number.isNaN(x) ? "NaN" : x > 0 ? "+Inf" : "−Inf";
  const size = Math.abs(x);
  if (size !== 0 && (size < 1e-4 || size >= 1e15)) return x.toExponential(2).replace("-", "−");
  const text = Number.isInteger(x) || size >= 1e4 ? grouped.format(x)
    : String(Number(x.toPrecision(count)));
  return text.replace("-", "−");
}

function duration(seconds) {
  const size = Math.abs(seconds);
  if (size === 0 || !Number.isFinite(size)) return digits(seconds) + " s";
  const [, one, unit] = DURATIONS.find(([below]) => size < below);
  return `${digits(seconds / one, 3)} ${unit}`;
}

function bytes(x) {
  const step = Math.min(6, Math.floor(Math.log2(Math.max(1, Math.abs(x))) / 10));
  if (!Number.isFinite(x) || step === 0) return digits(x) + " B";
  return `${digits(x / 1024 ** step, 3)} ${" KMGTPE"[step]}iB`;
}

function moment(x) {
  if (!(Math.abs(x) < 8e12)) return digits(x);
  const text = new Date(x * 1000).toISOString();
  return `${text.slice(0, 10)} ${text.slice(11, 16)}`;
}

/** A unit as people read it. */
const unitWord = (unit) => unit === "unix_seconds" ? "seconds since 1970" : unit;

function measure(x, unit) {
  if (unit in SECONDS) return duration(x * SECONDS[unit]);
  if (unit === "bytes") return bytes(x);
  if (unit === "unix_seconds") return moment(x);
  if (unit === "ratio") return digits(x * 100, 3) + " %";
  if (unit === "percent") return digits(x, 3) + " %";
  return digits(x);
}

/** A moment's distance: in 3 d, 5 min ago. */
function distance(x) {
  const seconds = x - data.now_ms / 1000;
  return seconds > 0 ? `in ${duration(seconds)}` : `${duration(-seconds)} ago`;
}

/** As Prometheus's histogram_quantile: linear within a bucket. */
function quantile(q, buckets) {
  const total = buckets.reduce((sum, bucket) => sum + toNumber(bucket[2]), 0);
  let rank = q * total;
  for (const [low, high, count] of buckets) {
    const [from, to, many] = [low, high, count].map(toNumber);
    if (many === 0) continue;
    if (rank > many) {
      rank -= many;
      continue;
    }
    if (!Number.isFinite(to)) return from;
    return Number.isFinite(from) ? from + (to - from) * (rank / many) : to;
  }
  return NaN;
}

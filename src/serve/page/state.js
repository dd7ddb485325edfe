// The landing page: asks for the table's data every two seconds and shows it. Text reaches the
// document as text only; there is no innerHTML, and the page's policy would refuse it.
"use strict";

const MINUTE = 60_000;  // of a sparkline, in milliseconds
const SPAN_FIRST = 10_000;  // of a sparkline at first
const PAUSE_MIN = 2_000;  // between two polls; longer where an answer takes long
const PAUSE_FIRST = 1_000;  // of the first few, so that there soon is a line to be seen
const $ = (id) => document.getElementById(id);

const state = {show: "alive", query: "", sort: "name", down: false};
const rows = new Map();  // by name: {now, past, tr, cells, text, detail}
let data = null;
let heard = 0;  // when the last answer came
let answers = 0;
let begun = 0;  // when the first one came

function make(tag, attributes = {}, ...children) {
  const svg = ["svg", "path"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag)
    : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

function setText(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** A name that may break behind its underscores. */
function breakable(name) {
  return name.split(/(?<=_)/).flatMap((part) => [part, make("wbr")]).slice(0, -1);
}

/** JSON has no NaN, no infinity and no exact large integer: those come as strings. */
const toNumber = (value) => Number(value === "+Inf" ? Infinity
  : value === "-Inf" ? -Infinity : value);

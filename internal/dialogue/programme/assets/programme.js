// Says each sitting's time in the reader's own zone, where that is another than the dialogue's.
"use strict";
for (const e of document.querySelectorAll(".local")) {
  const start = new Date(e.dataset.start), end = new Date(e.dataset.end);
  const time = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const local = new Intl.DateTimeFormat("en-GB", time);
  const there = e.dataset.start.slice(11, 16);
  if (local.format(start) === there || start.getTimezoneOffset() === 0) continue; // both are on the page
  const day = new Intl.DateTimeFormat(document.documentElement.lang + "-u-nu-latn", { weekday: "short" });
  const other = start.getDate() !== +e.dataset.start.slice(8, 10) ? " " + day.format(start) : "";
  e.querySelector("bdi").textContent = local.format(start) + "–" + local.format(end) + other;
  e.hidden = false;
}

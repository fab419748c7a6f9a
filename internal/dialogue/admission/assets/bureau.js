// The table of applications by keyboard: j and k or the arrows move, x ticks, Enter opens, / goes to the quick filter.
"use strict";

const form = document.getElementById("bureau");
const rows = [...form.querySelectorAll("tbody tr")];
const linkOf = (row) => row.querySelector("th a");
const tickOf = (row) => row.querySelector("input[name=pick]");
const all = document.getElementById("all");
const ticked = document.getElementById("ticked");

const tell = () => {
  const n = rows.filter((row) => tickOf(row)?.checked).length;
  if (ticked) ticked.textContent = n ? ticked.dataset.says.replace("{}", n) : "";
  if (all) all.checked = n > 0 && n === rows.filter((row) => !row.hidden).length;
};

const move = (by) => {
  const shown = rows.filter((row) => !row.hidden);
  const at = shown.findIndex((row) => row.contains(document.activeElement));
  const to = shown[Math.min(Math.max(at + by, 0), shown.length - 1)];
  if (to) linkOf(to).focus();
};

document.addEventListener("keydown", (e) => {
  if (e.ctrlKey || e.metaKey || e.altKey || e.target.matches("input:not([type=checkbox]), select, textarea")) return;
  const row = rows.find((row) => row.contains(document.activeElement));
  if (e.key === "j" || e.key === "ArrowDown" && row) move(1);
  else if (e.key === "k" || e.key === "ArrowUp" && row) move(-1);
  else if (e.key === "x" && row && tickOf(row)) { tickOf(row).checked = !tickOf(row).checked; tell(); }
  else if (e.key === "/") document.getElementById("q").focus();
  else return;
  e.preventDefault();
});

// While somebody types, what does not hold the words is left out at once; Enter asks the server.
const q = document.getElementById("q");
const plain = (s) => s.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
const texts = rows.map((row) => plain(row.textContent));
q.addEventListener("input", () => {
  const words = plain(q.value.trim());
  rows.forEach((row, i) => {
    row.hidden = !texts[i].includes(words);
    // What is out of sight is not acted on.
    if (row.hidden && tickOf(row)) tickOf(row).checked = false;
  });
  tell();
});

if (all) {
  all.hidden = false;
  all.addEventListener("change", () => {
    for (const row of rows) if (!row.hidden) tickOf(row).checked = all.checked;
    tell();
  });
}
form.addEventListener("change", tell);
form.querySelector(".keys").hidden = false;
tell();

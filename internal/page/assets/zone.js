// Beside an instant in the zone of the meeting, says it in the reader's own, where that is another.
for (const at of document.querySelectorAll("time[data-zone]")) {
  const own = Intl.DateTimeFormat().resolvedOptions().timeZone;
  if (!own || own === at.dataset.zone || own === "UTC") continue;
  const when = new Date(at.dateTime);
  const words = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "full", timeStyle: "short", timeZone: own }).format(when);
  const said = document.createElement("span");
  said.className = "src local";
  said.textContent = at.dataset.says.replace("{}", words + " (" + own.replaceAll("_", " ") + ")");
  at.parentNode.insertBefore(said, at.nextElementSibling?.className === "src" ? at.nextElementSibling.nextSibling : at.nextSibling);
  said.before(" · ");
}

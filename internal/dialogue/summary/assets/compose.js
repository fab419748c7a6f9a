// Marks a passage of a source: what is selected in the text goes into the form, with some words before and behind it, so
// that the server finds the very place. Without this script the passage is copied into the form by hand.
"use strict";

const source = document.getElementById("source-text");
const form = document.getElementById("cite");

if (source && form) {
  const field = (name) => form.elements.namedItem(name);
  const around = 60;

  document.addEventListener("selectionchange", () => {
    const chosen = document.getSelection();
    if (!chosen || chosen.rangeCount === 0 || chosen.isCollapsed) return;
    const range = chosen.getRangeAt(0);
    if (!source.contains(range.commonAncestorContainer)) return;
    const before = document.createRange();
    before.selectNodeContents(source);
    before.setEnd(range.startContainer, range.startOffset);
    const behind = document.createRange();
    behind.selectNodeContents(source);
    behind.setStart(range.endContainer, range.endOffset);
    field("exact").value = chosen.toString().trim();
    field("prefix").value = before.toString().slice(-around);
    field("suffix").value = behind.toString().slice(0, around);
  });

  // Words that are typed have no place of their own.
  field("exact").addEventListener("input", () => { field("prefix").value = ""; field("suffix").value = ""; });
}

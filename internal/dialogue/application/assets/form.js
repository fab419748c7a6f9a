// Hides a question that depends on another while that one is answered otherwise. Without scripts it stands there and
// says when it is asked.
for (const asked of document.querySelectorAll("[data-if]")) {
  const form = asked.closest("form");
  const show = () => {
    const inputs = [...form.elements].filter((e) => e.name === asked.dataset.if);
    const values = inputs.filter((e) => (e.type !== "radio" && e.type !== "checkbox") || e.checked).map((e) => e.value);
    // What depends on a question of another page is never hidden, and neither is an error.
    asked.hidden = inputs.length > 0 && !values.includes(asked.dataset.is) && !asked.querySelector(".error");
  };
  form.addEventListener("change", show);
  show();
}
for (const link of document.querySelectorAll("input.link")) link.addEventListener("focus", () => link.select());

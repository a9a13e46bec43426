// On a page about runs that are at work: brings it up to date every few seconds, until it is paused or nothing is at work.
"use strict";
(() => {
  const control = () => document.querySelector(".live"), content = document.getElementById("content");
  let paused = false, asking = false, failed = false;

  function told() {
    const line = control(), button = line && line.querySelector("button");
    if (!line) return;
    button.hidden = false;
    button.textContent = paused ? button.dataset.go : button.dataset.pause;
    const said = failed ? line.dataset.failed : paused ? line.dataset.paused : line.dataset.told, status = line.querySelector("[role=status]");
    if (status.textContent !== said) status.textContent = said;
  }

  // What somebody is reading or using stays: a selection, or the focus in what would be replaced.
  function used() {
    const at = document.activeElement, selected = getSelection();
    return (content.contains(at) && at !== content && !at.closest(".live")) || (selected && !selected.isCollapsed && content.contains(selected.anchorNode));
  }

  async function look() {
    const line = control();
    if (!line || paused || asking || document.hidden || used()) return;
    asking = true;
    try {
      const answer = await fetch(line.dataset.address, { headers: { Accept: "text/html" }, cache: "no-store" });
      if (!answer.ok) throw new Error(String(answer.status));
      const page = new DOMParser().parseFromString(await answer.text(), "text/html"), fresh = page.getElementById("content");
      if (!paused && !used() && fresh) {
        const focused = line.contains(document.activeElement) ? document.activeElement.tagName : "";
        const scrolled = [...content.querySelectorAll(".wide")].map((box) => box.scrollLeft);
        content.replaceChildren(...fresh.childNodes);
        [...content.querySelectorAll(".wide")].forEach((box, at) => { box.scrollLeft = scrolled[at] || 0; });
        told();  // the button comes hidden, and what is hidden takes no focus
        if (focused) (control() ? control().querySelector(focused) : content).focus();
        document.title = page.title;
      }
      failed = false;
    } catch {
      failed = true;
    } finally {
      asking = false;
      told();
    }
  }

  content.addEventListener("click", (event) => {
    if (!event.target.closest(".live button")) return;
    paused = !paused;
    told();
    if (!paused) look();
  });
  told();
  const line = control();
  if (line) setInterval(look, 1000 * Number(line.dataset.seconds));
})();

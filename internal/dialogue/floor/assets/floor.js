// Keeps a page of the floor true while it is open. The server says what changed; this counts the seconds in between,
// by the server's clock. Without this script the page loads itself again from time to time.
"use strict";
(() => {
  const root = document.getElementById("floor");
  if (!root) return;
  const data = root.dataset;
  const mine = (data.mine || "").split(",").filter(Boolean).map(Number);
  let now = { sent: +data.sent, used: +data.used, allotted: +data.allotted, runs: data.runs === "true" };

  // How much this clock is ahead of the server's: the smallest difference seen, since messages only come late.
  let ahead = Date.now() - now.sent;
  const heard = (sent) => { ahead = Math.min(ahead, Date.now() - sent); };

  const clock = document.getElementById("clock");
  const bar = document.getElementById("bar");
  const write = (seconds) => {
    const s = Math.abs(seconds);
    return (seconds < 0 ? "−" : "") + Math.floor(s / 60) + ":" + String(s % 60).padStart(2, "0");
  };
  const tick = () => {
    if (!now.allotted) return;
    const used = now.used + (now.runs ? Math.max(0, Date.now() - ahead - now.sent) : 0);
    const left = now.allotted - Math.floor(used / 1000);
    const text = write(left);
    if (clock.textContent !== text) clock.textContent = text;
    clock.parentElement.classList.toggle("over", left < 0);
    bar.max = now.allotted;
    bar.value = Math.min(now.allotted, used / 1000);
  };
  if (clock) setInterval(tick, 250);

  // Fills the elements that say which part of a board they show.
  const at = (board, path) => path.split(".").reduce((o, key) => (o == null ? o : o[key]), board);
  const full = (value) => (Array.isArray(value) ? value.length > 0 : !!value);
  const fill = (element, board) => {
    for (const e of element.querySelectorAll("[data-f]")) {
      const value = at(board, e.dataset.f);
      const text = value == null ? "" : String(value);
      if (e.textContent !== text) e.textContent = text;
    }
    for (const e of element.querySelectorAll("[data-if]")) e.hidden = !full(at(board, e.dataset.if));
    for (const e of element.querySelectorAll("[data-not]")) e.hidden = full(at(board, e.dataset.not));
  };
  const repeat = (list, board) => {
    const template = list.querySelector("template");
    for (const old of [...list.children]) if (old !== template) old.remove();
    for (const one of at(board, list.dataset.each)) {
      const item = template.content.firstElementChild.cloneNode(true);
      fill(item, typeof one === "string" ? { it: one } : one);
      const share = item.querySelector("progress");
      if (share) { share.max = one.most; share.value = one.seconds; }
      if (mine.includes(one.n)) {
        item.classList.add("me");
        const you = item.querySelector(".you");
        if (you) you.hidden = false;
      }
      list.append(item);
    }
  };
  const show = (board) => {
    heard(board.sent);
    now = board.now ? { sent: board.sent, used: board.now.used, allotted: board.now.allotted, runs: board.now.runs } : { allotted: 0 };
    fill(root, board);
    for (const list of root.querySelectorAll("[data-each]")) repeat(list, board);
    seat(board);
    tick();
  };

  // What I can do depends on whether I wait, speak, or neither.
  const place = document.getElementById("place");
  const seat = (board) => {
    if (!place) return;
    const n = mine.find((m) => board.order.includes(m));
    const speaks = board.now && mine.includes(board.now.n);
    const state = speaks ? "speaking" : n ? "waiting" : board.open ? "ask" : board.floor ? "closed" : "none";
    for (const e of document.querySelectorAll("[data-when]")) e.hidden = !e.dataset.when.split(" ").includes(state);
    if (n) {
      const row = board.next.find((r) => r.n === n);
      place.textContent = place.dataset.text.replace("{n}", board.order.indexOf(n) + 1);
      document.getElementById("placewhy").textContent = row ? row.why + " · " + row.wait : "";
    }
  };

  // The desk has forms in which somebody may be typing: it is loaded again, unless something was typed.
  const typed = () => [...document.querySelectorAll("textarea, input[type=text]")].some((f) => f.value !== f.defaultValue);
  // Loading again keeps the place on the page, but would send a form again that the page is the answer to.
  const again = () => {
    if (document.activeElement?.id) sessionStorage.setItem("floor", document.activeElement.id);
    if (data.got) location.reload();
    else location.replace(data.here);
  };
  const focused = sessionStorage.getItem("floor");
  if (data.desk && focused) document.getElementById(focused)?.focus();
  sessionStorage.removeItem("floor");
  const desk = (board) => {
    heard(board.sent);
    if (board.change === +data.change) return;
    const stale = document.getElementById("stale");
    if (!typed() && !document.hidden) again();
    else if (stale) stale.hidden = false;
  };

  const status = document.getElementById("status");
  const connected = (yes) => {
    if (!status) return;
    status.textContent = yes ? status.dataset.yes : status.dataset.no;
    status.classList.toggle("off", !yes);
  };
  let last = data.last;
  const listen = () => {
    const events = new EventSource(data.live + "?last=" + encodeURIComponent(last));
    events.addEventListener("open", () => connected(true));
    events.addEventListener("floor", (e) => { last = e.lastEventId; (data.desk ? desk : show)(JSON.parse(e.data)); });
    events.addEventListener("reload", () => setTimeout(() => { if (!typed()) again(); }, 3000 * Math.random()));
    events.addEventListener("error", () => {
      connected(false);
      // The browser tries again by itself, unless the server refused: then this does, without hurry.
      if (events.readyState === EventSource.CLOSED) setTimeout(listen, 10000 + 20000 * Math.random());
    });
  };
  listen();
  tick();
})();

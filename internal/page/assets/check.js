// Checks a page against the public record, in the reader's browser: for every element that names an entry, the
// signature of the checkpoint, the entry's place under it, the digest of its text, and that the words on the
// page are the words of that text. docs/formats/record.md says what each step is. A failure is named and red.
"use strict";

const box = document.getElementById("check");

const bytes = (base64) => Uint8Array.from(atob(base64), (c) => c.charCodeAt(0));
const utf8 = (text) => new TextEncoder().encode(text);
const same = (a, b) => a.length === b.length && a.every((x, i) => x === b[i]);
const sha256 = async (...parts) => new Uint8Array(await crypto.subtle.digest("SHA-256", join(parts)));

function join(parts) {
  const out = new Uint8Array(parts.reduce((n, p) => n + p.length, 0));
  let at = 0;
  for (const p of parts) { out.set(p, at); at += p.length; }
  return out;
}

// Failed is thrown with the key of the sentence that tells the reader what did not hold.
class Failed extends Error {}

function must(holds, key) {
  if (!holds) throw new Failed(key);
}

async function get(path) {
  const answer = await fetch(path, { cache: "no-cache", credentials: "omit" });
  must(answer.ok, "unreachable");
  return answer;
}

// readKey takes the verifier key apart and checks its own hash.
async function readKey(text) {
  const [name, hash, rest] = text.trim().split("+", 2).concat(text.trim().split("+").slice(2).join("+"));
  const raw = bytes(rest);
  must(raw.length === 33 && raw[0] === 1, "key");
  const sum = (await sha256(utf8(name + "\n"), raw)).slice(0, 4);
  must([...sum].map((b) => b.toString(16).padStart(2, "0")).join("") === hash, "key");
  return { name, hash: sum, key: await crypto.subtle.importKey("raw", raw.slice(1), { name: "Ed25519" }, false, ["verify"]) };
}

const checkpoints = new Map();

// readCheckpoint checks a signed checkpoint once and gives its size and root.
function readCheckpoint(note, key) {
  if (!checkpoints.has(note)) {
    checkpoints.set(note, (async () => {
      const end = note.indexOf("\n\n");
      must(end > 0, "signature");
      const signed = note.slice(0, end + 1);
      const [origin, size, root] = signed.split("\n");
      must(origin === key.name && /^(0|[1-9][0-9]*)$/.test(size), "signature");
      for (const line of note.slice(end + 2).split("\n")) {
        const [dash, name, signature] = line.split(" ");
        if (dash !== "\u2014" || name !== key.name) continue;
        const raw = bytes(signature);
        if (!same(raw.slice(0, 4), key.hash)) continue;
        must(await crypto.subtle.verify({ name: "Ed25519" }, key.key, raw.slice(4), utf8(signed)), "signature");
        return { size: Number(size), root: bytes(root) };
      }
      throw new Failed("signature");
    })());
  }
  return checkpoints.get(note);
}

// rootOf folds an audit path (RFC 9162, section 2.1.3.2) from a leaf up to the root of the tree.
async function rootOf(index, size, leaf, proof) {
  let f = index, s = size - 1, r = await sha256(Uint8Array.of(0), leaf);
  for (const step of proof) {
    must(s !== 0, "inclusion");
    const p = bytes(step);
    if (f % 2 === 1 || f === s) {
      r = await sha256(Uint8Array.of(1), p, r);
      while (f % 2 === 0 && f !== 0) { f = Math.floor(f / 2); s = Math.floor(s / 2); }
    } else {
      r = await sha256(Uint8Array.of(1), r, p);
    }
    f = Math.floor(f / 2); s = Math.floor(s / 2);
  }
  must(s === 0, "inclusion");
  return r;
}

// checkEntry checks one entry and gives its text, or its notice where the text was withdrawn.
async function checkEntry(index, id, key) {
  const entry = await (await get("/log/entry/" + index)).json();
  const checkpoint = await readCheckpoint(entry.checkpoint, key);
  must(entry.index === index && index < checkpoint.size && entry.size === checkpoint.size, "inclusion");
  const leaf = bytes(entry.leaf);
  must(same(await rootOf(index, checkpoint.size, leaf, entry.proof), checkpoint.root), "inclusion");
  const fields = JSON.parse(new TextDecoder().decode(leaf));
  must(fields.id === id, "other");
  if (entry.withdrawn) return null;
  must(typeof entry.text === "string" && typeof entry.salt === "string", "text");
  const mac = await crypto.subtle.importKey("raw", bytes(entry.salt), { name: "HMAC", hash: "SHA-256" }, false, ["verify"]);
  must(await crypto.subtle.verify("HMAC", mac, bytes(fields.digest), utf8(entry.text)), "text");
  return JSON.parse(entry.text);
}

const folded = (text) => text.replace(/\s+/g, " ").trim();

// at follows a path such as "text.en.text" into a value.
const at = (value, path) => path.split(".").reduce((v, name) => (v === undefined || v === null ? undefined : v[name]), value);

// checkWords compares what the page shows with what the entry says.
function checkWords(element, text) {
  for (const shown of element.querySelectorAll("[data-says]")) {
    if (shown.closest("[data-entry]") !== element) continue;
    const says = at(text, shown.dataset.says);
    must(says !== undefined && folded(String(says)) === folded(shown.dataset.value ?? shown.textContent), "words");
  }
}

function fill(sentence, values) {
  return sentence.replace(/%(\w+)%/g, (_, name) => values[name] ?? "");
}

function mark(element, good, sentence) {
  const proof = element.querySelector(".proof");
  if (proof) {
    proof.classList.remove("good", "bad");
    proof.classList.add(good ? "good" : "bad");
    const sign = proof.querySelector(".mark");
    if (sign) sign.textContent = good ? "✓ " : "✗ ";
    if (!good) {
      const why = document.createElement("strong");
      why.textContent = " " + sentence;
      proof.append(why);
    }
  }
  if (!good) element.closest("li")?.classList.add("bad");
}

async function check() {
  const words = box.dataset;
  const says = box.querySelector(".says");
  const elements = [...document.querySelectorAll("[data-entry]")];
  const report = (state, text) => {
    says.textContent = text;
    says.className = "says " + state;
    box.dataset.state = state;
  };
  if (elements.length === 0) return;
  if (!globalThis.crypto?.subtle) return report("", words.cannot);
  report("", words.checking);
  let key;
  try {
    key = await readKey(await (await get("/log/key")).text());
  } catch (error) {
    if (error instanceof Failed) return report("bad", words["fail" + error.message] ?? words.failunreachable);
    return report("", words.cannot);
  }
  const failures = [];
  const entries = new Set();
  await Promise.all(elements.map(async (element) => {
    const index = Number(element.dataset.entry);
    entries.add(index);
    try {
      const text = await checkEntry(index, element.dataset.id, key);
      must(text !== null || element.dataset.withdrawn !== undefined, "withdrawn");
      if (text !== null) checkWords(element, text);
      mark(element, true);
    } catch (error) {
      const sentence = fill(words["fail" + (error instanceof Failed ? error.message : "text")] ?? words.failtext, { entry: index });
      failures.push(sentence);
      mark(element, false, sentence);
    }
  }));
  if (failures.length > 0) return report("bad", [...new Set(failures)].join(" "));
  report("good", fill(words.good, { entries: entries.size }));
}

if (box) check();

// The claim: whoever starts the program stands on a trace after one click, the trace checks itself in the
// browser, and a failure is red and named.
import { test, expect } from "@playwright/test";
import { start } from "./rostrum.js";

const trace = "/en/dialogues/som-2022/points/data-and-evidence/trace";

let rostrum;
test.beforeAll(async () => { rostrum = await start("demo"); });
test.afterAll(async () => { await rostrum.stop(); });

test("one click from the first page to a trace that checks itself", async ({ page }) => {
  await page.goto(rostrum.url + "/");
  await page.getByRole("link", { name: /Data and evidence/ }).click();
  await expect(page.locator("h1")).toContainText("Collect data and evidence");
  await expect(page.locator("#check")).toHaveAttribute("data-state", "good");
  await expect(page.locator("#check .says")).toContainText("Checked in your browser");
  const entries = await page.locator("[data-entry]").count();
  expect(entries).toBeGreaterThan(8);
  await expect(page.locator(".proof.good")).not.toHaveCount(0);
  for (const year of ["2022", "2023", "2024", "2025"]) await expect(page.locator(".when", { hasText: year })).toHaveCount(1);
});

// change lets a test answer for the server with one thing changed.
async function change(page, pattern, edit) {
  await page.route(pattern, async (route) => {
    const answer = await route.fetch();
    await route.fulfill({ response: answer, body: edit(await answer.text()) });
  });
}

async function expectRed(page, words, entry) {
  await page.goto(rostrum.url + trace);
  await expect(page.locator("#check")).toHaveAttribute("data-state", "bad");
  await expect(page.locator("#check .says")).toContainText(words);
  if (entry !== undefined) {
    await expect(page.locator("#check .says")).toContainText(String(entry));
    await expect(page.locator(`[data-entry="${entry}"] .proof.bad, .proof.bad`).first()).toBeVisible();
  }
}

async function anEntry(page) {
  await page.goto(rostrum.url + trace);
  return Number(await page.locator("li [data-entry]").last().getAttribute("data-entry"));
}

test("a changed text turns red and names the entry", async ({ page }) => {
  const entry = await anEntry(page);
  await change(page, `**/log/entry/${entry}`, (body) => { const e = JSON.parse(body); e.text = e.text.replace("2026", "2025"); return JSON.stringify(e); });
  await expectRed(page, "its text has been changed", entry);
});

test("a changed leaf turns red and names the entry", async ({ page }) => {
  const entry = await anEntry(page);
  await change(page, `**/log/entry/${entry}`, (body) => {
    const e = JSON.parse(body);
    e.leaf = Buffer.from(Buffer.from(e.leaf, "base64").toString().replace("entered", "entersd")).toString("base64");
    return JSON.stringify(e);
  });
  await expectRed(page, "is not where the signed record says", entry);
});

test("a changed checkpoint turns red", async ({ page }) => {
  await change(page, "**/log/entry/*", (body) => {
    const e = JSON.parse(body);
    e.checkpoint = e.checkpoint.replace(/\n(\d+)\n/, (_, n) => `\n${Number(n) + 1}\n`);
    return JSON.stringify(e);
  });
  await expectRed(page, "the signature of the record does not verify");
});

test("another key turns red", async ({ page }) => {
  await change(page, "**/log/key", (body) => body.replace(/.$/m, (c) => (c === "A" ? "B" : "A")));
  await expectRed(page, "key of the record is malformed");
});

test("words that the record does not hold turn red", async ({ page }) => {
  await change(page, "**" + trace, (body) => body.replaceAll("push factors", "pull factors"));
  await expectRed(page, "this page shows other words than the record");
});

test("another entry than the page names turns red", async ({ page }) => {
  const entry = await anEntry(page);
  await change(page, "**" + trace, (body) => body.replace(new RegExp(`data-entry="${entry}" data-id="[a-z0-9]+"`), `data-entry="${entry}" data-id="abcdefghijkmnpqrstuvwxyz23"`));
  await expectRed(page, "another entry than this page names", entry);
});

test("without the record the page says that it is not checked", async ({ page }) => {
  await page.route("**/log/key", (route) => route.abort());
  await page.goto(rostrum.url + trace);
  await expect(page.locator("#check")).toHaveAttribute("data-state", "");
});

test.describe("without scripts", () => {
  test.use({ javaScriptEnabled: false });
  test("it links the proof and says the command", async ({ page }) => {
    await page.goto(rostrum.url + trace);
    await expect(page.locator("#check .says")).toContainText("Not checked in this browser");
    await page.locator("#check summary").click();
    await expect(page.locator("#check pre")).toHaveText("rostrum verify " + rostrum.url);
    await page.locator("li .proof a").first().click();
    await expect(page.locator("h1")).not.toBeEmpty();
    await page.getByRole("link", { name: "The proof, for programs" }).click();
    expect(JSON.parse(await page.locator("body").innerText())).toHaveProperty("proof");
  });
});

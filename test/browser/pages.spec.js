// Every public page: in English and Arabic, wide and on a phone, with and without scripts. No page may slide
// sideways, break a rule of the policy, or fail WCAG 2.2 AA as far as axe can tell.
import { test, expect } from "@playwright/test";
import { AxeBuilder } from "@axe-core/playwright";
import { start } from "./rostrum.js";

const pages = {
  home: "/",
  timeline: "/dialogues",
  dialogue: "/dialogues/som-2023",
  first: "/dialogues/som-2022",
  point: "/dialogues/som-2022/points/data-and-evidence",
  trace: "/dialogues/som-2022/points/data-and-evidence/trace",
  record: "/record",
  entry: "/record/51",
  sources: "/sources",
  source: "/sources/alliance296",
  signin: "/sign-in",
  missing: "/nothing/here",
};

let rostrum;
test.beforeAll(async () => { rostrum = await start("demo"); });
test.afterAll(async () => { await rostrum.stop(); });

for (const lang of ["en", "fr", "ar"]) {
  for (const [size, viewport] of Object.entries({ wide: { width: 1280, height: 900 }, phone: { width: 360, height: 740 } })) {
    for (const scripts of [true, false]) {
      if (lang === "fr" && !scripts) continue; // the same pages as the others
      test.describe(`${lang}, ${size}, scripts ${scripts ? "on" : "off"}`, () => {
        test.use({ viewport, javaScriptEnabled: scripts, colorScheme: "light" });
        for (const [name, path] of Object.entries(pages)) {
          test(name, async ({ page }) => {
            const wrong = [];
            page.on("console", (m) => { if (m.type() === "error" && name !== "missing") wrong.push(m.text()); });
            page.on("pageerror", (e) => wrong.push(String(e)));
            const answer = await page.goto(`${rostrum.url}/${lang}${path}`);
            expect(answer.status()).toBe(name === "missing" ? 404 : 200);
            await expect(page.locator("html")).toHaveAttribute("dir", lang === "ar" ? "rtl" : "ltr");
            await expect(page.locator("h1")).toHaveCount(1);
            if (scripts && await page.locator("#check").count() > 0) {
              await expect(page.locator("#check")).toHaveAttribute("data-state", "good", { timeout: 15_000 });
            }
            await page.screenshot({ path: `shots/${name}-${lang}-${size}${scripts ? "" : "-noscript"}.png`, fullPage: true });
            if (scripts) {
              const sideways = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
              expect(sideways, "the page slides sideways").toBeLessThanOrEqual(0);
              const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
              expect(axe.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`)).toEqual([]);
            }
            expect(wrong).toEqual([]);
          });
        }
      });
    }
  }
}

test.describe("dark", () => {
  test.use({ colorScheme: "dark", viewport: { width: 1280, height: 900 } });
  for (const name of ["home", "trace", "timeline"]) {
    test(name, async ({ page }) => {
      await page.goto(`${rostrum.url}/en${pages[name]}`);
      await page.screenshot({ path: `shots/${name}-en-dark.png`, fullPage: true });
      const axe = await new AxeBuilder({ page }).withTags(["wcag2aa"]).analyze();
      expect(axe.violations.map((v) => v.id)).toEqual([]);
    });
  }
});

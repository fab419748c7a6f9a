// What the people who run an instance do: set it up, enter, give themselves a passkey, invite, read the outbox,
// take in a dialogue file. With scripts and, where it can be, without.
import { test, expect } from "@playwright/test";
import { readFileSync, writeFileSync, mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { clean, start, rostrum } from "./rostrum.js";

async function enter(page, instance, lang) {
  await page.goto(instance.link("Enter as officer").replace("/en/", `/${lang}/`));
  await page.locator("main form button").first().click();
  await expect(page).toHaveURL(new RegExp(`/${lang}/`));
}

test.describe("set-up", () => {
  for (const [lang, scripts] of [["en", true], ["ar", false]]) {
    test.describe(`${lang}, scripts ${scripts ? "on" : "off"}`, () => {
      test.use({ javaScriptEnabled: scripts, viewport: lang === "ar" ? { width: 360, height: 740 } : { width: 1280, height: 900 } });
      test("one page, mistakes kept and named, then the first officer enters", async ({ page }) => {
        const instance = await start("serve");
        try {
          await page.goto(instance.link("Set it up").replace("/setup", `/${lang}/setup`));
          if (scripts) await clean(page);
          await page.screenshot({ path: `shots/setup-${lang}.png`, fullPage: true });
          await page.locator("#operator").fill("A sample secretariat");
          await page.locator("#address").fill("not an address");
          await page.locator("#name").fill("A sample officer");
          await page.locator("#email").fill("officer@example.org");
          await page.locator("form").evaluate((f) => f.setAttribute("novalidate", "")).catch(() => {});
          if (!scripts) await page.locator("#address").fill("ftp://example.org");
          await page.locator("form button").click();
          await expect(page.locator(".summary")).toBeVisible();
          await expect(page.locator("#operator")).toHaveValue("A sample secretariat");
          await page.screenshot({ path: `shots/setup-mistakes-${lang}.png`, fullPage: true });
          await page.locator("#address").fill(instance.url);
          await page.locator("form button").click();
          await page.screenshot({ path: `shots/setup-done-${lang}.png`, fullPage: true });
          await page.locator("main a.button").first().click();
          await page.locator("main form button").first().click();
          await expect(page.locator("nav.desk")).toBeVisible();
          await page.screenshot({ path: `shots/account-first-${lang}.png`, fullPage: true });
        } finally { await instance.stop(); }
      });
    });
  }
});

test.describe("a passkey", () => {
  test("is registered on the account and signs in", async ({ page, context }) => {
    const instance = await start("demo");
    try {
      const client = await context.newCDPSession(page);
      await client.send("WebAuthn.enable");
      await client.send("WebAuthn.addVirtualAuthenticator", { options: { protocol: "ctap2", ctap2Version: "ctap2_1", transport: "internal", hasResidentKey: true, hasUserVerification: true, isUserVerified: true, automaticPresenceSimulation: true } });
      await enter(page, instance, "en");
      await page.goto(instance.url + "/en/account");
      await clean(page);
      await page.screenshot({ path: "shots/account-en.png", fullPage: true });
      const register = page.locator("section[data-passkey=register]");
      await register.locator("input").first().fill("A sample key");
      await register.locator("button").click();
      await expect(page.locator("b", { hasText: "A sample key" })).toBeVisible();
      await page.locator("form[action$='/sign-out'] button").click();
      await page.goto(instance.url + "/en/sign-in");
      // The browser may offer the key by itself; if it does not, the button asks for it.
      const desk = page.locator("nav.desk"), ask = page.locator("section[data-passkey=assert] button");
      await expect(desk.or(ask).first()).toBeVisible();
      if (await ask.isVisible()) await ask.click({ timeout: 5_000 }).catch(() => {});
      await expect(desk).toBeVisible({ timeout: 15_000 });
    } finally { await instance.stop(); }
  });
});

for (const [lang, scripts] of [["en", false], ["ar", true]]) {
  test.describe(`an officer, ${lang}, scripts ${scripts ? "on" : "off"}`, () => {
    test.use({ javaScriptEnabled: scripts, viewport: lang === "ar" ? { width: 360, height: 740 } : { width: 1280, height: 900 } });
    test("invites somebody, reads the outbox, and takes in a dialogue file", async ({ page }) => {
      const instance = await start("demo");
      try {
        await enter(page, instance, lang);
        for (const path of ["people", "people/invite", "organisations", "organisations/add", "outbox", "import"]) {
          await page.goto(`${instance.url}/${lang}/${path}`);
          await expect(page.locator("h1")).toHaveCount(1);
          if (scripts) {
            await clean(page);
            expect(await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth)).toBeLessThanOrEqual(0);
          }
          await page.screenshot({ path: `shots/${path.replace("/", "-")}-${lang}.png`, fullPage: true });
        }

        await page.goto(`${instance.url}/${lang}/people/invite`);
        await page.locator("input[name=role][value=editor]").check();
        await page.locator("main form button").first().click();
        await page.screenshot({ path: `shots/people-invite-role-${lang}.png`, fullPage: true });
        await page.locator("input[name=name]").fill("A sample editor");
        await page.locator("input[name=email]").fill("editor@example.org");
        await page.locator("main form button").first().click();
        await page.goto(`${instance.url}/${lang}/outbox`);
        await page.locator("ul.plain a").first().click();
        await expect(page.locator("pre.letter")).toContainText("/sign-in/link?key=");
        await page.screenshot({ path: `shots/message-${lang}.png`, fullPage: true });

        const folder = mkdtempSync(join(tmpdir(), "rostrum-files-"));
        const good = join(folder, "good.json"), bad = join(folder, "bad.json");
        const text = rostrum("export", "dialogue", "som-2024", "--data", instance.data);
        writeFileSync(bad, text.replace('"date": "2024-07-15"', '"date": "2024-02-30"').replace('"counts"', '"coumts"'));
        writeFileSync(good, text.replace("15 July", "15 July").replace(/"en": "Develop/, '"en": "Further develop'));
        await page.goto(`${instance.url}/${lang}/import`);
        await page.locator("#file").setInputFiles(bad);
        await page.locator("main form button").click();
        await expect(page.locator(".summary li").first()).toBeVisible();
        await page.screenshot({ path: `shots/import-mistakes-${lang}.png`, fullPage: true });
        await page.locator("#file").setInputFiles(good);
        await page.locator("main form button").last().click();
        await page.screenshot({ path: `shots/import-look-${lang}.png`, fullPage: true });
        await page.locator("main form button").click();
        await expect(page.locator("[role=status]")).toBeVisible();
        expect(readFileSync(good, "utf8")).toContain("Further develop");
        expect(rostrum("export", "dialogue", "som-2024", "--data", instance.data)).toContain("Further develop");
        expect(rostrum("verify", instance.url, "--remember", "")).toContain("verifies");
      } finally { await instance.stop(); }
    });
  });
}

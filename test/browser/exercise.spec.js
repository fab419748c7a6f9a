// The exercise as each of its roles: a stakeholder applies, the secretariat checks, the bureau objects and admits, the
// coordinator sets up the programme, the chair runs the floor, and a participant speaks by a link on a phone.
import { test, expect } from "@playwright/test";
import { start, clean, rostrum } from "./rostrum.js";

const phone = { width: 360, height: 740 };

for (const [lang, scripts] of [["en", true], ["ar", false]]) {
  test.describe(`the exercise in ${lang}, ${scripts ? "with" : "without"} scripts`, () => {
    test.use({ javaScriptEnabled: scripts });
    test.describe.configure({ mode: "serial" });
    let instance;
    const at = (path) => `${instance.url}/${lang}${path}`;
    test.beforeAll(async () => { instance = await start("demo"); });
    test.afterAll(async () => { await instance.stop(); });

    // enter comes in by one of the doors of the exercise.
    const enter = async (page, who) => {
      await page.goto(at("/exercise"));
      await page.locator(`form:has(input[value=${who}]) button`).click();
      await page.locator("main form button").first().click();
      await expect(page.locator("nav.desk")).toBeVisible();
    };
    const shot = (page, name) => page.screenshot({ path: `shots/exercise-${name}-${lang}.png`, fullPage: true });
    const look = async (page, name) => {
      if (scripts) await clean(page);
      expect(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), `${name} is wider than the screen`).toBe(true);
      await shot(page, name);
    };

    test("a stakeholder applies on a phone, leaves, comes back by the link, and submits", async ({ page, context }) => {
      await page.setViewportSize(phone);
      await page.goto(at("/calls/exercise"));
      await look(page, "call");
      await page.locator("a.button[href$='/apply']").click();
      await expect(page.locator(".sample")).toBeVisible();
      const next = () => page.locator("main form button[name=do][value=next]").last().click();
      await next();
      await expect(page.locator(".summary")).toBeVisible(); // nothing was answered
      const link = await page.locator("#own-link").inputValue(); // and it is saved all the same
      await page.locator("#organisation_name").fill("Sample organisation H");
      await page.locator("#contact_email").fill("sample-h@demo.rostrum.example");
      await page.locator("#country_of_registration").selectOption("KE");
      await page.locator("input[name=countries_and_regions_of_work][value='002']").evaluate((e) => { for (let d = e.closest("details"); d; d = d.parentElement.closest("details")) d.open = true; });
      await page.locator("input[name=countries_and_regions_of_work][value='002']").check();
      await page.locator("input[name=stakeholder_type][value=ngo]").check();
      await next();
      await expect(page.locator("#expertise_per_dialogue")).toBeVisible();
      await look(page, "step");

      // Another day, another phone: the link brings back what was written.
      await context.clearCookies();
      await page.goto(link);
      await page.locator("main form button").first().click();
      await page.goto(at("/applications/organisation"));
      await expect(page.locator("#organisation_name")).toHaveValue("Sample organisation H");

      await page.goto(at("/applications/experience"));
      await page.locator("input[name=dialogues_applied_for]").first().check();
      await page.locator("#expertise_per_dialogue").fill("Ten years of work with people on the move.");
      await next();
      await page.locator("[name=nominated_persons-0-name]").fill("A sample person");
      await page.locator("[name=nominated_persons-0-email]").fill("person-h@demo.rostrum.example");
      await page.locator("[name=nominated_persons-0-mode][value=online]").check();
      await page.locator("[name=mode][value=online]").check();
      await page.locator("[name=wants_to_speak][value=yes]").check();
      await page.locator("[name=speaking_topic]").fill("What shelters count");
      await page.locator("[name=working_languages][value=en]").check();
      await next();
      await page.locator("[name=travel_support_requested][value=no]").check();
      await next();
      await page.locator("[name=listing_consent][value=public]").check();
      await page.locator("[name=visa_letter_needed][value=no]").check();
      await page.locator("[name=accessibility_needs]").fill("A word that only the unit may read: juniper");
      await page.locator("[name=safety_flag][value=no]").check();
      await page.locator("[name=data_notice_accepted][value=yes]").check();
      await look(page, "consent");
      await next();
      await look(page, "check");
      await page.locator("form[action$='/applications/check'] button").click();
      await expect(page.locator("main")).toContainText("Sample organisation H");
      await look(page, "status");
      const html = await page.content();
      expect(html).not.toContain("juniper"); // the program cannot show it again
    });

    test("the secretariat checks, the bureau objects to one and clears the others", async ({ page }) => {
      await enter(page, "secretariat");
      await look(page, "desk");
      const table = at("/desk/dialogues/exercise/applications");
      const bulk = async (to, reason, only) => {
        await page.goto(table);
        for (const row of await page.locator("tbody tr").all()) {
          if (!only || (await row.innerText()).includes(only)) await row.locator("input[type=checkbox]").check();
        }
        await page.locator("select[name=to]").selectOption(to);
        if (reason) await page.locator("textarea").first().fill(reason);
        await page.locator("form:has(select[name=to]) button").last().click();
        await expect(page.locator("select[name=to]")).toHaveCount(0); // the report of what was done
      };
      await page.goto(table);
      await expect(page.locator("tbody tr")).toHaveCount(8);
      await look(page, "table");
      await bulk("complete");
      await bulk("with_extended_bureau");
      const export_ = page.waitForEvent("download");
      await page.goto(table);
      await page.locator("a[href$='applications.xlsx'], a[href*='applications.xlsx']").first().click();
      expect((await (await export_).path()).length).toBeGreaterThan(0);

      await enter(page, "bureau");
      await page.goto(table);
      await page.locator("tbody tr", { hasText: "Sample organisation C" }).locator("a").first().click();
      await look(page, "application");
      await page.locator("a[href$='/step/objected']").first().click();
      await look(page, "objection");
      for (const field of await page.locator("main form textarea, main form input[type=text]").all()) await field.fill("A sample ground");
      await page.locator("main form button").last().click();
      await page.goto(table);
      for (const row of await page.locator("tbody tr").all()) {
        if (!(await row.innerText()).includes("Sample organisation C")) await row.locator("input[type=checkbox]").check();
      }
      await page.locator("select[name=to]").selectOption("no_objection");
      await page.locator("form:has(select[name=to]) button").last().click();
      await enter(page, "secretariat");
      for (const letter of ["H"]) await bulk("admitted", "", `Sample organisation ${letter}`);
      await page.goto(at("/dialogues/exercise/counts"));
      await look(page, "counts");
    });

    test("the coordinator publishes a programme, the secretariat moves on, the chair runs the floor, a phone asks for it", async ({ page, browser }) => {
      await enter(page, "coordinator");
      await page.goto(at("/programme/exercise/edit"));
      await page.locator("main form button").first().click();
      await page.locator("button[value=publish]").click();
      await page.waitForURL(/done=published/);
      await page.goto(at("/programme/exercise"));
      await look(page, "programme");
      const ics = await page.request.get(at("/programme/exercise/calendar.ics"));
      expect(await ics.text()).toContain("BEGIN:VTIMEZONE");

      await enter(page, "secretariat");
      for (let i = 0; i < 5; i++) {
        await page.goto(at("/desk/dialogues/exercise"));
        await page.locator("form.next button").first().click();
        await page.waitForURL(/done=moved/);
      }
      await page.goto(at("/floor/exercise/links"));
      const links = {};
      for (const name of ["Sample network K", "Sample university M"]) {
        await page.locator("li", { hasText: name }).locator("button").first().click();
        links[name] = await page.locator("main").evaluate((m) => m.innerHTML.match(/https?:[^"'<\s]*\/in\?key=[\w-]+/)[0]);
        await page.goto(at("/floor/exercise/links"));
      }

      await enter(page, "chair");
      await page.goto(at("/floor/exercise/desk"));
      await page.locator("main form button").first().click();
      await page.locator("#item").selectOption("tour-de-table");
      await page.locator("form:has(#item) button").click();
      await page.locator("button[value=list-opened]").click();

      const seats = {};
      for (const [name, link] of Object.entries(links)) {
        const context = await browser.newContext({ viewport: phone, javaScriptEnabled: scripts });
        seats[name] = await context.newPage();
        await seats[name].goto(link);
        await seats[name].locator("main form button").first().click();
        await seats[name].locator("form[action$='/ask']:has(input[value=statement]) button").click();
      }
      const screen = await (await browser.newContext({ viewport: { width: 1280, height: 720 }, javaScriptEnabled: scripts })).newPage();
      await screen.goto(at("/floor/exercise/screen"));
      await expect(screen.locator("main")).toContainText("Sample network K");

      // The chair calls the second one out of turn: only with a reason.
      await page.goto(at("/floor/exercise/desk"));
      await look(page, "floor-desk");
      const row = page.locator("#floor li, main li", { hasText: "Sample university M" }).first();
      const depart = async (reason) => {
        await row.locator("summary").first().click();
        await row.locator("input[name^=reason]").first().fill(reason);
        await row.locator("button[value=called]").first().click();
      };
      await depart("");
      await expect(page.locator(".summary")).toBeVisible();
      await page.goto(at("/floor/exercise/desk"));
      await depart("Her connection ends at noon");
      await expect(page.locator(".summary")).toHaveCount(0);
      await page.goto(at("/floor/exercise"));
      await expect(page.locator("main")).toContainText("Sample university M");
      await expect(page.locator("main")).toContainText("Her connection ends at noon");
      if (!scripts) await screen.reload();
      await expect(screen.locator("#floor")).toContainText("Sample university M");
      await shot(screen, "screen");
      const seat = seats["Sample university M"];
      if (!scripts) await seat.reload();
      await look(seat, "seat");
      await page.goto(at("/floor/exercise"));
      await look(page, "floor");

      // The other one writes instead of speaking; the secretariat looks at the countries it names, and publishes it.
      const writer = seats["Sample network K"];
      await writer.goto(at("/floor/exercise/write"));
      await writer.locator("#lang").selectOption("en");
      await writer.locator("#text").fill("Shelters on the route have counted people turned back.\n\nWe ask that such counts are used.");
      await writer.locator("form[action$='/write'] button").click();
      await enter(page, "secretariat");
      await page.goto(at("/desk/inputs/exercise"));
      await look(page, "inputs-desk");
      await page.locator("main a[href*='/desk/inputs/exercise/']", { hasText: "Sample network K" }).click();
      await page.locator("button[value=check]").click();
      await page.locator("button[value=publish]").click();
      await expect(page.locator("button[value=publish]")).toHaveCount(0);
      await page.goto(at("/dialogues/exercise/inputs"));
      await look(page, "inputs");
      await page.locator("main a[href*='/dialogues/exercise/inputs/']:not([href$='/new'])").first().click();
      await expect(page.locator("main")).toContainText("We ask that such counts are used.");
      await look(page, "input");
    });

    test("what happened can be checked, and what was sealed opens with the unit's key alone", async ({ page }) => {
      const report = JSON.parse(rostrum("verify", "--json", instance.url));
      expect(report.verified).toBe(true);
      expect(report.sealed).toBeGreaterThan(0);
      await enter(page, "secretariat");
      const download = page.waitForEvent("download");
      await page.goto(at("/desk/dialogues/exercise/applications"));
      await page.locator("a[href*='sealed.zip']").first().click();
      const file = await (await download).path();
      const opened = rostrum("open", "--json", "--key", `${instance.data}/exercise-key.txt`, file);
      expect(opened).toContain("juniper");
    });
  });
}

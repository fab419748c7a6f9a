// Starts the program for a test file, on a free port and a folder of its own, and says where it answers.
import { spawn, execFileSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { AxeBuilder } from "@axe-core/playwright";
import { expect } from "@playwright/test";

export const program = resolve(process.env.ROSTRUM ?? "../../dist/rostrum");

export async function start(command, ...args) {
  const folder = mkdtempSync(join(tmpdir(), "rostrum-browser-"));
  const data = join(folder, "instance");
  const child = spawn(program, [command, "--json", "--listen", "127.0.0.1:0", "--data", data, ...args], { stdio: ["ignore", "pipe", "pipe"] });
  let out = "", err = "";
  child.stderr.on("data", (b) => { err += b; });
  const ready = await new Promise((done, failed) => {
    child.stdout.on("data", (b) => {
      out += b;
      try { done(JSON.parse(out)); } catch { /* not whole yet */ }
    });
    child.on("exit", (code) => failed(new Error(`rostrum ${command} ended with ${code}: ${err}`)));
  });
  return {
    url: ready.address,
    link: (name) => ready.links.find((l) => l.name === name)?.url,
    data,
    log: () => err,
    stop: async () => {
      const ended = new Promise((done) => child.on("exit", done));
      child.kill("SIGTERM");
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

// rostrum runs a command to its end and gives what it printed.
export const rostrum = (...args) => execFileSync(program, args, { encoding: "utf8" });

// clean holds a page to WCAG 2.2 AA, as far as a machine can.
export async function clean(page) {
  const axe = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]).analyze();
  expect(axe.violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target).join(", ")}`)).toEqual([]);
}

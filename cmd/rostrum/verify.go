package main

import (
	"context"
	"fmt"
	"os"

	"rostrum.example/internal/app"
)

var verifyCommand = &command{
	name:     "verify",
	synopsis: "URL|DIR|BUNDLE [--key VKEY] [--remember FILE]",
	summary:  "check a public record: every entry, proof, text and citation",
	help: `
Checks the public record of an instance by its address, by its folder, or in a copy made with
"rostrum export record". It recomputes every hash, the signature, and the digest of every text, and names the
entry where something does not hold.

The key: with --key it is the one that you have from elsewhere, which is the strongest check. Without it, the
key is the one that the server itself gives, remembered on first use in a file of yours; from then on a
changed key, a fork, or a record that has become shorter is a failure.

Exit code 0: everything holds. 1: something does not.

example:
  rostrum verify https://dialogue.example.org
  rostrum verify /var/lib/rostrum
`,
	run: func(ctx context.Context, c *call, args []string) error {
		key := c.String("key", "", "verifier `VKEY` of the record, as printed at /log/key")
		remember := c.String("remember", defaultMemory(), "`FILE` that remembers keys and checkpoints; empty to remember nothing")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("say what to verify: the address of an instance, its folder, or a copy of its record")
		}
		report, err := app.Verify(ctx, app.VerifyOptions{Target: words[0], Key: *key, Memory: *remember, Progress: c.progress})
		if err != nil {
			return classify(err)
		}
		if c.json {
			if err := c.printJSON(report); err != nil {
				return err
			}
		} else {
			fmt.Fprint(c.stdout, report.String())
		}
		if !report.Verified {
			return silent(exitNo)
		}
		return nil
	},
}

// defaultMemory is where keys and checkpoints are remembered, in the user's own configuration folder.
func defaultMemory() string {
	dir, err := os.UserConfigDir()
	if err != nil {
		return ""
	}
	return dir + "/rostrum/known-records"
}

// progress shows how far a long run is, on standard error and only to a person at a terminal.
func (c *call) progress(done, total int64) {
	f, ok := c.stderr.(*os.File)
	if !ok || total == 0 {
		return
	}
	if info, err := f.Stat(); err != nil || info.Mode()&os.ModeCharDevice == 0 {
		return
	}
	fmt.Fprintf(f, "\r%d of %d", done, total)
	if done == total {
		fmt.Fprint(f, "\r\033[K")
	}
}

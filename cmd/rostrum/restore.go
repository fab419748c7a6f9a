package main

import (
	"context"
	"fmt"

	"rostrum.example/internal/app"
)

var restoreCommand = &command{
	name:     "restore",
	synopsis: "FILE --data DIR [--db URL] [--blobs URL] [--checkpoint FILE]",
	summary:  "bring an instance back from a backup",
	help: `
Checks the backup to its last byte, brings it back into DIR, which must be empty or absent, and verifies the
public record. Nothing is left behind when something does not hold.

If you have a newer checkpoint of the record than the backup (from the lost machine, from a witness, or from
somebody who kept one), give it with --checkpoint: when entries were published after the backup was made,
bringing the backup back would show two different pasts, and restore refuses and says what to do.

example:
  rostrum restore /mnt/safe/rostrum-2026-11-23.backup --data /var/lib/rostrum
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		checkpoint := c.String("checkpoint", "", "`FILE` with the newest checkpoint that is known")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("name the backup")
		}
		o, err := f.options(c)
		if err != nil {
			return err
		}
		summary, err := app.Restore(ctx, o, words[0], *checkpoint)
		if err != nil {
			return classify(err)
		}
		if c.json {
			return c.printJSON(summary)
		}
		fmt.Fprintf(c.stdout, "%s: %d bytes, %d files, %d entries of the record, which verifies\nstart it with: rostrum serve --data %s\n",
			f.data, summary.Bytes, summary.Files, summary.Entries, f.data)
		return nil
	},
}

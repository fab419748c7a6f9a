package main

import (
	"context"
	"fmt"
	"io"

	"rostrum.example/internal/app"
)

var backupCommand = &command{
	name:     "backup",
	synopsis: "FILE --data DIR [--db URL] [--blobs URL]",
	summary:  "write everything of an instance into one file",
	help: `
Writes the database, the files and the record's key into FILE, in one consistent state, also while the
instance runs. Whoever holds the file holds the instance, its signing key included: keep it as you keep the
key. docs/restore.md says how a stranger brings it back on another machine in ten minutes.

example:
  rostrum backup /mnt/safe/rostrum-2026-11-23.backup --data /var/lib/rostrum
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("name the file to write")
		}
		o, err := f.options(c)
		if err != nil {
			return err
		}
		var summary *app.BackupSummary
		err = writeWhole(words[0], func(w io.Writer) error {
			summary, err = app.Backup(ctx, o, w)
			return err
		})
		if err != nil {
			return classify(err)
		}
		if c.json {
			return c.printJSON(summary)
		}
		fmt.Fprintf(c.stdout, "%s: %d bytes, %d files, %d entries of the record\n", words[0], summary.Bytes, summary.Files, summary.Entries)
		return nil
	},
}

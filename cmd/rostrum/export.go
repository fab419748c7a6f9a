package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
)

var exportCommand = &command{
	name:     "export",
	synopsis: "dialogue ID | record FILE.zip, --data DIR [--out FILE]",
	summary:  "write out a dialogue file, or a copy of the public record",
	help: `
dialogue ID       writes the dialogue as a dialogue file, to standard output or to --out FILE.
record FILE.zip   writes a copy of the public record that anyone can verify without a server:
                  rostrum verify FILE.zip

example:
  rostrum export dialogue som-2022 --data /var/lib/rostrum > som-2022.json
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		out := c.String("out", "-", "`FILE` to write; - is standard output")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 2 || words[0] != "dialogue" && words[0] != "record" {
			return usagef("say what to export: dialogue ID, or record FILE.zip")
		}
		a, err := f.openToRead(ctx, c)
		if err != nil {
			return err
		}
		defer a.Close()
		if words[0] == "record" {
			if err := writeWhole(words[1], func(w io.Writer) error { return a.ExportRecord(ctx, w) }); err != nil {
				return classify(err)
			}
			fmt.Fprintf(c.stderr, "The copy is in %s. Check it with: rostrum verify %s\n", words[1], words[1])
			return nil
		}
		write := func(w io.Writer) error { return a.ExportDialogue(ctx, words[1], w) }
		if *out == "-" {
			return classify(write(c.stdout))
		}
		return classify(writeWhole(*out, write))
	},
}

// writeWhole writes a file so that it stands there whole or not at all.
func writeWhole(name string, write func(io.Writer) error) (err error) {
	tmp := name + ".part"
	f, err := os.OpenFile(tmp, os.O_CREATE|os.O_EXCL|os.O_WRONLY, 0o600)
	if err != nil {
		return environment(err)
	}
	defer func() {
		if err != nil {
			err = errors.Join(err, os.Remove(tmp))
		}
	}()
	if err = write(f); err != nil {
		f.Close()
		return err
	}
	if err = errors.Join(f.Sync(), f.Close()); err != nil {
		return environment(fmt.Errorf("writing %s: %w", name, err))
	}
	return os.Rename(tmp, name)
}

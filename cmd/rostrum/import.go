package main

import (
	"context"
	"fmt"
	"io"
	"os"

	"rostrum.example/internal/app"
)

var importCommand = &command{
	name:     "import",
	synopsis: "dialogue FILE… --data DIR [--check] [--withdraw]",
	summary:  "take in dialogue files",
	help: `
Takes in what is known of a dialogue from one or more dialogue files (docs/formats/dialogue.md). All files
are checked together before anything is written, and all of them enter the public record in one step or not
at all. A file that was taken in before is compared item by item: what changed is entered as a revision. Items
that a newer file no longer holds stand in the way unless --withdraw is given, which enters a notice for each.

example:
  rostrum import dialogue records/som-2022.json --data /var/lib/rostrum
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		check := c.Bool("check", false, "only check and say what would change")
		withdraw := c.Bool("withdraw", false, "withdraw items that the file no longer holds")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) == 0 || words[0] != "dialogue" {
			return usagef("say what to import: dialogue FILE…")
		}
		if len(words) == 1 {
			return usagef("name at least one dialogue file")
		}
		a, err := f.open(ctx, c)
		if err != nil {
			return err
		}
		defer a.Close()
		var files []app.NamedFile
		for _, name := range words[1:] {
			body, err := c.readInput(name, app.MaxDialogueFile)
			if err != nil {
				return err
			}
			files = append(files, app.NamedFile{Name: name, Body: body})
		}
		result, err := a.ImportDialogues(ctx, files, app.ImportOptions{CheckOnly: *check, Withdraw: *withdraw})
		if err != nil {
			return classify(err)
		}
		if c.json {
			return c.printJSON(result)
		}
		for _, d := range result.Dialogues {
			fmt.Fprintf(c.stdout, "%s: %d entered, %d revised, %d withdrawn, %d unchanged\n", d.ID, d.Entered, d.Revised, d.Withdrawn, d.Unchanged)
		}
		return nil
	},
}

// readInput reads a whole file, "-" for standard input, and refuses one that is larger than limit.
func (c *call) readInput(name string, limit int64) ([]byte, error) {
	in := c.stdin
	if name != "-" {
		f, err := os.Open(name)
		if err != nil {
			return nil, bad(err)
		}
		defer f.Close()
		in = f
	}
	body, err := io.ReadAll(io.LimitReader(in, limit+1))
	if err != nil {
		return nil, bad(fmt.Errorf("reading %s: %w", name, err))
	}
	if int64(len(body)) > limit {
		return nil, bad(fmt.Errorf("%s is larger than %d bytes, the most that this kind of file may have; nothing was taken in", name, limit))
	}
	return body, nil
}

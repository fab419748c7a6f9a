package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"rostrum.example/internal/app"
)

var importCommand = &command{
	name:     "import",
	synopsis: "dialogue FILE… | applications FILE --call ID, --data DIR [--check] [--withdraw] [--map MAP.json]",
	summary:  "take in dialogue files, or applications from a spreadsheet",
	help: `
Takes in what is known of a dialogue from one or more dialogue files (docs/formats/dialogue.md). All files
are checked together before anything is written, and all of them enter the public record in one step or not
at all. A file that was taken in before is compared item by item: what changed is entered as a revision. Items
that a newer file no longer holds stand in the way unless --withdraw is given, which enters a notice for each.

Or takes in applications from a spreadsheet (.xlsx, .csv), such as an export of Microsoft Forms, Google Forms or
Indico, as answers to a call. Columns are matched by their names; --map gives a mapping as the report of an earlier
import prints it with --json. Rows that were taken in before are left alone, and what was not understood is listed.

example:
  rostrum import dialogue records/som-2022.json --data /var/lib/rostrum
  rostrum import applications answers.xlsx --call som-2027 --data /var/lib/rostrum --check
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		check := c.Bool("check", false, "only check and say what would change")
		withdraw := c.Bool("withdraw", false, "withdraw items that the file no longer holds")
		callID := c.String("call", "", "`ID` of the call that applications answer")
		mapping := c.String("map", "", "`FILE` that says which columns are which questions")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) > 0 && words[0] == "applications" {
			if len(words) != 2 || *callID == "" {
				return usagef("name one spreadsheet, and the call with --call")
			}
			return c.importApplications(ctx, f, words[1], app.ApplicationImport{Call: *callID, CheckOnly: *check}, *mapping)
		}
		if len(words) == 0 || words[0] != "dialogue" {
			return usagef("say what to import: dialogue FILE…, or applications FILE")
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

func (c *call) importApplications(ctx context.Context, f *instanceFlags, name string, o app.ApplicationImport, mapping string) error {
	body, err := c.readInput(name, app.MaxSpreadsheet)
	if err != nil {
		return err
	}
	if mapping != "" {
		if o.Mapping, err = c.readInput(mapping, 1<<20); err != nil {
			return err
		}
	}
	a, err := f.open(ctx, c)
	if err != nil {
		return err
	}
	defer a.Close()
	report, err := a.ImportApplications(ctx, app.NamedFile{Name: filepath.Base(name), Body: body}, o)
	if err != nil {
		return classify(err)
	}
	if c.json {
		return c.printJSON(report)
	}
	fmt.Fprintf(c.stdout, "%d taken in, %d known, %d left for a decision, %d refused\n", len(report.Taken), report.Known, len(report.Doubts), len(report.Refused))
	for _, row := range append(report.Doubts, report.Refused...) {
		fmt.Fprintf(c.stdout, "row %d: %s: %s\n", row.Row, row.Name, row.Why)
	}
	for _, cell := range report.Unclear {
		fmt.Fprintf(c.stdout, "%s: %q is no answer to %s (%s)\n", cell.Place, cell.Value, cell.Field, cell.Why)
	}
	for _, column := range report.Unread {
		fmt.Fprintf(c.stdout, "the column %q was not read\n", column)
	}
	return nil
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

package main

import (
	"context"
	"fmt"

	"rostrum.example/internal/app"
)

var doctorCommand = &command{
	name:     "doctor",
	synopsis: "--data DIR [--db URL] [--blobs URL]",
	summary:  "look an instance over and say what to mend",
	help: `
Looks at the folder, its permissions and free room, the database, the record and its key, mail, jobs and
backups, and says of each whether it is well, and if not, what to do. Changes nothing.

Exit code 0: all is well. 1: something needs a hand.

example:
  rostrum doctor --data /var/lib/rostrum
`,
	run: func(ctx context.Context, c *call, args []string) error {
		f := c.instanceFlags()
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) > 0 {
			return usagef("unexpected %q", words[0])
		}
		o, err := f.options(c)
		if err != nil {
			return err
		}
		report, err := app.Doctor(ctx, o)
		if err != nil {
			return classify(err)
		}
		if c.json {
			if err := c.printJSON(report); err != nil {
				return err
			}
		} else {
			for _, finding := range report.Findings {
				mark := "well  "
				if !finding.Well {
					mark = "MEND  "
				}
				fmt.Fprintf(c.stdout, "%s%s: %s\n", mark, finding.What, finding.Says)
				if !finding.Well {
					fmt.Fprintf(c.stdout, "      next: %s\n", finding.Next)
				}
			}
		}
		if !report.Well() {
			return silent(exitNo)
		}
		return nil
	},
}

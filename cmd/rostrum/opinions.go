package main

import (
	"context"
	"errors"

	"rostrum.example/stat/opinion"
)

var opinionsCommand = &command{
	name:     "opinions",
	synopsis: "VOTES.csv [--comments COMMENTS.csv] [--seed N]",
	summary:  "what divides and what joins the people in a conversation",
	help: `
Reads who agreed and disagreed with which statement and draws the map of opinions: groups of people who vote alike,
what each group stands for, what nearly everybody agrees with, and how stable all of this is when some of the people
are left out. The same votes give the same map, on every machine.

Small groups are shown as they are: the result is personal data, for the desk and not for publication.

example:
  rostrum opinions votes.csv --comments comments.csv --json
`,
	run: func(ctx context.Context, c *call, args []string) error {
		comments := c.String("comments", "", "`FILE` with the statements and whether they were moderated")
		seed := c.Uint64("seed", 1, "`N` that the resamples for stability are drawn from")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("name one file of votes")
		}
		in, done, err := c.openInput(words[0])
		if err != nil {
			return err
		}
		defer done()
		conversation, err := opinion.ReadVotes(words[0], in)
		if err != nil {
			return bad(err)
		}
		if *comments != "" {
			in, done, err := c.openInput(*comments)
			if err != nil {
				return err
			}
			defer done()
			statements, err := opinion.ReadComments(*comments, in)
			if err == nil {
				err = conversation.Describe(statements...)
			}
			if err != nil {
				return bad(err)
			}
		}
		result, err := conversation.Map(ctx, opinion.Options{
			Resamples: opinion.UsualResamples(conversation.Participants(), conversation.Statements()), Seed: *seed,
		})
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			return bad(err)
		}
		if c.json {
			return c.printJSON(result)
		}
		return result.Text(c.stdout)
	},
}

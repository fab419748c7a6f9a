package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"

	"rostrum.example/stat/estimate"
)

var estimateCommand = &command{
	name:     "estimate",
	synopsis: "TABLE.csv [--method METHOD] [--boot N] [--seed N]",
	summary:  "how many were never recorded: multiple systems estimation",
	help: `
Reads how many persons stand on which lists (one column of 0 and 1 for each list, the last column the count) and
estimates how many stand on none, with the report that such a number owes its readers: overlaps, existence and
identifiability for every model, several families side by side, intervals, what happens without each list, and the
reasons why a number may not be published. A number is computed all the same.

Methods: two, main, stepwise, downhill, bic, bic2, average, latent, all. With --boot 0 intervals are asymptotic where
one is defined; with --boot N they come from N resamples that choose the model anew each time.

Exit code 1: not estimable.

example:
  rostrum estimate lists.csv --method bic --boot 1000 --seed 1
`,
	run: func(ctx context.Context, c *call, args []string) error {
		name := c.String("method", "all", "`METHOD` of estimation")
		boot := c.Int("boot", 0, "`N` resamples for the intervals")
		seed := c.Uint64("seed", 1, "`N` that the resamples are drawn from")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 {
			return usagef("name one table")
		}
		method, err := estimate.ParseMethod(*name)
		if err != nil {
			return usagef("%v", err)
		}
		if *boot < 0 {
			return usagef("--boot is a number of resamples, 0 or more")
		}
		in, done, err := c.openInput(words[0])
		if err != nil {
			return err
		}
		defer done()
		table, err := estimate.Read(in)
		if err != nil {
			return bad(fmt.Errorf("%s: %w; nothing was estimated", words[0], err))
		}
		report, err := estimate.Estimate(ctx, table, estimate.Options{
			Method: method, Resamples: *boot, Seed: *seed, Version: version(),
			Progress: func(_ string, done, total int) { c.progress(int64(done), int64(total)) },
		})
		if errors.Is(err, context.Canceled) {
			return err
		}
		if err != nil {
			return usagef("%v", err)
		}
		if c.json {
			err = report.WriteJSON(c.stdout)
		} else {
			err = report.WriteText(c.stdout)
		}
		if err != nil {
			return environment(err)
		}
		if !report.Estimable {
			return silent(exitNo)
		}
		return nil
	},
}

// openInput opens a file for reading; "-" is standard input.
func (c *call) openInput(name string) (in *os.File, done func(), err error) {
	if name == "-" {
		if f, ok := c.stdin.(*os.File); ok {
			return f, func() {}, nil
		}
	}
	f, err := os.Open(name)
	if err != nil {
		return nil, nil, bad(err)
	}
	if info, err := f.Stat(); err == nil && info.IsDir() {
		f.Close()
		return nil, nil, bad(fmt.Errorf("%s is a folder; name a file", strings.TrimSuffix(name, "/")))
	}
	return f, func() { f.Close() }, nil
}

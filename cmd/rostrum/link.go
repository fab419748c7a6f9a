package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"rostrum.example/stat/linkage"
	"rostrum.example/stat/linkage/clk"
)

var linkCommand = &command{
	name:     "link",
	synopsis: "A.csv [B.csv] [--encoded] [--id COL] [--truth COL[:REGEX]] [--ignore COL,…] [--type COL=KIND,…] [--seed N] [--out PAIRS.csv]",
	summary:  "which records are the same person",
	help: `
Finds the records that belong to one person, within one list or across lists, with the chance of each link and how
much each field speaks for it. Columns and their kinds are found from the data; --type COL=name|date|code|number|text|place
says them. The same lists give the same links whatever the order of their rows.

With --encoded the lists hold keyed encodings made by "rostrum encode", and nothing else is needed to link them. With
--truth COL (or COL:REGEX, whose first group counts) precision, recall and F1 are measured over the final clusters.

example:
  rostrum link shelter.csv helpline.csv --ignore note --out pairs.csv
`,
	run: func(ctx context.Context, c *call, args []string) error {
		encoded := c.Bool("encoded", false, "the lists hold encodings")
		id := c.String("id", "", "`COL` that identifies a record in its list")
		truth := c.String("truth", "", "`COL[:REGEX]` that tells which records are one person")
		ignore := c.String("ignore", "", "`COLS` that are not compared, separated by commas")
		types := c.String("type", "", "`COL=KIND,…` kinds of columns")
		seed := c.Uint64("seed", 1, "`N` that the random pairs are drawn from")
		out := c.String("out", "", "`FILE` for the pairs, with the reason for each")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) == 0 {
			return usagef("name at least one list")
		}
		var sources []linkage.Source
		for _, name := range words {
			in, done, err := c.openInput(name)
			if err != nil {
				return err
			}
			defer done()
			sources = append(sources, linkage.Source{Name: name, Reader: in})
		}
		cfg := linkage.Config{ID: *id, Ignore: columns(*ignore), Seed: *seed, Progress: func(p linkage.Progress) { c.progress(int64(p.Done), int64(p.Total)) }}
		if cfg.Types, err = linkage.ParseTypes(*types); err != nil {
			return usagef("%v", err)
		}
		if *truth != "" {
			if cfg.Truth, cfg.Pattern, err = linkage.ParseTruth(*truth); err != nil {
				return usagef("%v", err)
			}
		}
		table, err := linkage.Read(ctx, sources...)
		if err != nil {
			return inputError(err)
		}
		found, err := linked(ctx, table, cfg, *encoded)
		if err != nil {
			return inputError(err)
		}
		if *out != "" {
			if err := writeWhole(*out, found.WritePairs); err != nil {
				return classify(err)
			}
		}
		summary := found.Summary()
		if c.json {
			return summary.WriteJSON(c.stdout)
		}
		fmt.Fprintf(c.stdout, "%d records, %d pairs compared, %d pairs linked, %d persons\n", summary.Records, summary.Compared, summary.Pairs, summary.Persons)
		if summary.F1 != nil {
			fmt.Fprintf(c.stdout, "precision %.4f, recall %.4f, F1 %.4f\n", *summary.Precision, *summary.Recall, *summary.F1)
		}
		for _, note := range summary.Notes {
			fmt.Fprintln(c.stdout, note)
		}
		return nil
	},
}

// links is what both ways of linking give.
type links interface {
	Summary() linkage.Summary
	WritePairs(io.Writer) error
}

func linked(ctx context.Context, table *linkage.Table, cfg linkage.Config, encoded bool) (links, error) {
	if !encoded {
		res, _, err := linkage.Link(ctx, table, cfg)
		return res, err
	}
	return clk.Link(ctx, table, clk.Config{
		ID: cfg.ID, Truth: cfg.Truth, Pattern: cfg.Pattern, Seed: cfg.Seed,
		Progress: func(done, total int) { cfg.Progress(linkage.Progress{Step: "comparing", Done: done, Total: total}) },
	})
}

// columns splits a list of columns; empty stands for none.
func columns(s string) []string {
	if s == "" {
		return nil
	}
	return strings.Split(s, ",")
}

// inputError marks what an engine says of a file as bad input, and leaves a stop alone.
func inputError(err error) error {
	if errors.Is(err, context.Canceled) {
		return err
	}
	return bad(fmt.Errorf("%w; nothing was written", err))
}

var encodeCommand = &command{
	name:     "encode",
	synopsis: "RECORDS.csv --key FILE [--id COL] [--ignore COL,…] [--keep COL,…] [--out FILE]",
	summary:  "keyed encodings of records, for linkage without names",
	help: `
Writes for each record an encoding from which names and dates cannot be read without the key, so that lists of
several organisations can be linked by somebody who holds none of the keys. All organisations of a study use one key
file: 64 hexadecimal digits, one line, for this study alone. The side that links never holds it.

Encodings are personal data all the same: whoever has many of them and much time learns something. Delete them after
the linkage. --keep writes columns as they are, such as the known truth of a test; never names.

example:
  openssl rand -hex 32 > study.key
  rostrum encode records.csv --key study.key --out encodings.csv
`,
	run: func(ctx context.Context, c *call, args []string) error {
		keyFile := c.String("key", "", "`FILE` with the study's key")
		id := c.String("id", "", "`COL` that identifies a record")
		ignore := c.String("ignore", "", "`COLS` left out, separated by commas")
		keep := c.String("keep", "", "`COLS` written as they are, separated by commas")
		out := c.String("out", "-", "`FILE` to write; - is standard output")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 || *keyFile == "" {
			return usagef("name one list, and the key: --key FILE")
		}
		text, err := os.ReadFile(*keyFile)
		if err != nil {
			return bad(err)
		}
		key, err := clk.ParseKey(text)
		if err != nil {
			return bad(fmt.Errorf("%s: %w", *keyFile, err))
		}
		in, done, err := c.openInput(words[0])
		if err != nil {
			return err
		}
		defer done()
		var report *clk.Report
		write := func(w io.Writer) error {
			report, err = clk.Encode(ctx, linkage.Source{Name: words[0], Reader: in}, key, clk.Options{ID: *id, Ignore: columns(*ignore), Keep: columns(*keep)}, w)
			return err
		}
		if *out == "-" {
			err = write(c.stdout)
		} else {
			err = writeWhole(*out, write)
		}
		if err != nil {
			return inputError(err)
		}
		if c.json && *out != "-" {
			return c.printJSON(report)
		}
		fmt.Fprintf(c.stderr, "%d records encoded from %s\n", report.Records, strings.Join(report.Fields, ", "))
		return nil
	},
}

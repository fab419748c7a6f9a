package main

import (
	"archive/zip"
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"rostrum.example/internal/seal"
)

var openCommand = &command{
	name:     "open",
	synopsis: "FILE… --key FILE [--out DIR]",
	summary:  "open sealed records and files with your key",
	help: `
Opens what was sealed for your key, on your own machine: sealed records, which are printed, and any other file sealed
by "rostrum seal" or age, which needs a folder: --out DIR. A zip file of sealed records is opened one by one. With
--out, records are written into the folder too, as JSON. An existing file is never overwritten.

What is opened is readable by whoever reads your disk or screen: open it on a machine you trust, and delete what you
no longer need. Compare the id above each record with that of the thing you believe to have opened.

--out - writes the one file to standard output. --key may stand several times; - reads from standard input.

Exit code 0: everything opened. 1: something was sealed for others or is damaged. 3: something is no sealed file.

example:
  rostrum open --key unit.key applications.zip
  rostrum open --key unit.key letter.pdf.age --out opened
`,
	run: func(ctx context.Context, c *call, args []string) error {
		var keys []string
		c.Func("key", "identity `FILE`, as rostrum keygen makes it", func(s string) error { keys = append(keys, s); return nil })
		out := c.String("out", "", "`DIR` for what was opened; - is standard output")
		phraseFile := c.passphraseFlag()
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) == 0 || len(keys) == 0 {
			return usagef("name what to open, and your key: --key FILE")
		}
		if *out == "-" && (c.json || len(words) > 1) {
			return usagef("--out - takes one file, and no --json")
		}
		o := &opening{call: c, out: *out, Opened: []opened{}, Failed: []failed{}}
		if o.with, err = c.identities(keys, *phraseFile); err != nil {
			return err
		}
		if *out != "" && *out != "-" {
			if err := os.MkdirAll(*out, 0o700); err != nil {
				return environment(err)
			}
		}
		for _, name := range words {
			if err := o.input(ctx, name); err != nil {
				return err
			}
		}
		if c.json {
			if err := c.printJSON(o); err != nil {
				return environment(err)
			}
		}
		if o.code != exitYes {
			return silent(o.code)
		}
		return nil
	},
}

// identities reads identity files.
func (c *call) identities(files []string, phraseFile string) (seal.Identities, error) {
	var all []seal.Identity
	for _, name := range files {
		in, done, err := c.openInput(name)
		if err != nil {
			return seal.Identities{}, err
		}
		with, err := seal.ParseIdentities(in, c.passphrase(phraseFile, name))
		done()
		var known *exit
		if errors.As(err, &known) {
			return seal.Identities{}, err
		}
		if err != nil {
			return seal.Identities{}, bad(fmt.Errorf("%s: %w", name, err))
		}
		all = append(all, with.List()...)
	}
	return seal.NewIdentities(all...), nil
}

// opening is one run of open and what it says with --json.
type opening struct {
	call *call
	with seal.Identities
	out  string
	code int

	Opened  []opened `json:"opened"`
	Failed  []failed `json:"failed"`
	Skipped int      `json:"skipped"` // what lay in a zip file and is not sealed
}

type opened struct {
	File   string          `json:"file"`
	Record json.RawMessage `json:"record,omitempty"`
	Out    string          `json:"out,omitempty"`
	Bytes  int64           `json:"bytes,omitempty"`
}

type failed struct {
	File    string `json:"file"`
	Problem string `json:"problem"`
}

// input opens one file of the call. Its error ends the run; what is wrong with a file alone is kept.
func (o *opening) input(ctx context.Context, name string) error {
	in, done, err := o.call.openInput(name)
	if err != nil {
		return err
	}
	defer done()
	b := bufio.NewReader(in)
	if head, _ := b.Peek(4); string(head) != "PK\x03\x04" {
		return o.sealed(name, filepath.Base(name), b)
	}
	info, err := in.Stat()
	if err != nil {
		return environment(err)
	}
	z, err := zip.NewReader(in, info.Size())
	if err != nil {
		return o.fail(name, exitInput, "this zip file is damaged")
	}
	for _, f := range z.File {
		if err := ctx.Err(); err != nil {
			return err
		}
		if strings.HasSuffix(f.Name, "/") {
			continue
		}
		if err := o.part(name, f); err != nil {
			return err
		}
	}
	return nil
}

// part opens one file of a zip file.
func (o *opening) part(archive string, f *zip.File) error {
	shown := archive + ":" + f.Name
	r, err := f.Open()
	if err != nil {
		return o.fail(shown, exitInput, "this part of the zip file is damaged")
	}
	defer r.Close()
	b := bufio.NewReader(r)
	if head, _ := b.Peek(1024); !seal.IsSealed(head) {
		o.Skipped++
		fmt.Fprintf(o.call.stderr, "%s: not sealed, left alone\n", seal.Visible(shown))
		return nil
	}
	return o.sealed(shown, f.Name, b)
}

// sealed opens one envelope, shown by one name and kept in the folder by another.
func (o *opening) sealed(shown, name string, in io.Reader) error {
	r, err := seal.NewReader(in, o.with)
	if err != nil {
		return o.judge(shown, err)
	}
	b := bufio.NewReader(r)
	name = strings.TrimSuffix(safeName(name), ".age")
	if head, _ := b.Peek(64); !seal.IsRecord(head) {
		return o.file(shown, name, b)
	}
	record, err := seal.ReadRecord(b)
	if err != nil {
		return o.judge(shown, err)
	}
	text, err := record.Reveal()
	if err != nil {
		return o.judge(shown, err)
	}
	if o.out != "" {
		return o.file(shown, strings.TrimSuffix(name, ".json")+".json", bytes.NewReader(append(text, '\n')))
	}
	o.Opened = append(o.Opened, opened{File: shown, Record: text})
	if o.call.json {
		return nil
	}
	fmt.Fprintf(o.call.stdout, "%s: ", seal.Visible(shown))
	if err := record.Show(o.call.stdout); err != nil {
		return environment(err)
	}
	return nil
}

// file writes what was opened, whole or not at all.
func (o *opening) file(shown, name string, plain io.Reader) error {
	switch o.out {
	case "":
		return o.fail(shown, exitUsage, "it holds a file, not a record; name a folder for it: --out DIR")
	case "-":
		if _, err := io.Copy(o.call.stdout, plain); err != nil {
			return o.judge(shown, err)
		}
		return nil
	}
	out, size := filepath.Join(o.out, name), int64(0)
	err := writeNew(out, func(w io.Writer) (err error) {
		size, err = io.Copy(w, plain)
		return err
	})
	if err != nil {
		return o.judge(shown, err)
	}
	o.Opened = append(o.Opened, opened{File: shown, Out: out, Bytes: size})
	if !o.call.json {
		fmt.Fprintf(o.call.stdout, "%s: opened into %s\n", seal.Visible(shown), out)
	}
	return nil
}

// judge tells what is wrong with one file from what is wrong with the machine.
func (o *opening) judge(shown string, err error) error {
	var known *exit
	switch {
	case errors.Is(err, seal.ErrNoMatch), errors.Is(err, seal.ErrDamaged), errors.Is(err, seal.ErrNoPhrase):
		return o.fail(shown, exitNo, err.Error())
	case errors.Is(err, seal.ErrNotSealed), errors.Is(err, seal.ErrRecord):
		return o.fail(shown, exitInput, err.Error())
	case errors.As(err, &known) && known.code == exitInput:
		return o.fail(shown, exitInput, err.Error())
	}
	return environment(err)
}

// fail keeps what is wrong with one file; the first one gives the exit code.
func (o *opening) fail(shown string, code int, problem string) error {
	if o.code == exitYes {
		o.code = code
	}
	o.Failed = append(o.Failed, failed{shown, problem})
	fmt.Fprintf(o.call.stderr, "rostrum open: %s: %s\n", seal.Visible(shown), problem)
	return nil
}

// maxName is the longest name of a file that is made, in bytes.
const maxName = 120

// safeName makes of a name by a stranger one that stays in its folder and shows what it is. Folders become part of it.
func safeName(name string) string {
	name = strings.Map(func(c rune) rune {
		switch {
		case strings.ContainsRune(`/\<>:"|?*`, c):
			return '-'
		case c == utf8.RuneError, seal.Visible(string(c)) != string(c):
			return '_'
		}
		return c
	}, strings.ToValidUTF8(name, "_"))
	name = strings.TrimLeft(name, ".-_ ")
	if len(name) > maxName {
		end := filepath.Ext(strings.TrimSuffix(name, ".age"))
		if len(end) > 16 {
			end = ""
		}
		name = strings.ToValidUTF8(name[:maxName-len(end)], "") + end
	}
	if strings.Trim(name, ". ") == "" {
		return "opened"
	}
	return name
}

package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"strings"

	"rostrum.example/internal/scrub"
	"rostrum.example/internal/seal"
)

var sealCommand = &command{
	name:     "seal",
	synopsis: "FILE --to RECIPIENT|--to-file FILE [--out FILE.age] [--armor] [--as-is]",
	summary:  "seal a file for the holders of keys",
	help: `
Seals FILE so that only the holders of the named keys can open it, with "rostrum open" or any age program. The sealed
file is FILE.age beside it, or --out; an existing file is never overwritten, and FILE itself stays as it is.

What tells about the maker is taken out first: from JPEG and PNG where, when and with what the picture was taken; from
Office (docx, xlsx, pptx) and OpenDocument files the names of authors, editors and commentators, times, company and
printer. What is seen stays as it is. Of PDF, film, sound and some other files it is known that they carry such data,
and they are refused, since it cannot be removed here: --as-is seals any file as it is. Of other files nothing is
known; they are sealed as they are, and this is said. What people wrote into a text or show in a picture is not looked at.

--to may stand several times; --to-file names a file with one recipient on each line. --armor writes text that can be
pasted into a message. - stands for standard input, and --out - for standard output.

example:
  rostrum seal letter.docx --to-file unit.recipient
`,
	run: func(ctx context.Context, c *call, args []string) error {
		var lines, files []string // read below: errors of flags repeat the words, which may be a secret key
		c.Func("to", "`RECIPIENT`, a line that begins with age1", func(s string) error { lines = append(lines, s); return nil })
		c.Func("to-file", "`FILE` with recipients, one on each line", func(s string) error { files = append(files, s); return nil })
		out := c.String("out", "", "`FILE` to write; - is standard output (default FILE.age)")
		armor := c.Bool("armor", false, "write text")
		asIs := c.Bool("as-is", false, "take nothing out")
		words, err := c.parse(args)
		if err != nil {
			return err
		}
		if len(words) != 1 || len(lines)+len(files) == 0 {
			return usagef("name the file to seal, and for whom: --to RECIPIENT or --to-file FILE")
		}
		all, err := c.recipients(lines, files)
		if err != nil {
			return err
		}
		if *out == "" {
			if words[0] == "-" {
				return usagef("say where: --out FILE")
			}
			*out = words[0] + ".age"
		}
		in, size, done, err := c.openWhole(words[0])
		if err != nil {
			return err
		}
		defer done()
		said := sealedFile{File: words[0], Out: *out, AsIs: *asIs, Recipients: len(all.List()), Hybrid: all.Hybrid(), Removed: []string{}, Kept: []string{}}
		if !*asIs {
			said.Kind, err = scrub.Detect(in, size)
			if errors.Is(err, scrub.ErrCarries) {
				return bad(fmt.Errorf("%s is a %s file: %w; take it out with another program, or seal the file as it is with --as-is; nothing was written", words[0], said.Kind, scrub.ErrCarries))
			}
			if said.AsIs = errors.Is(err, scrub.ErrUnknown); err != nil && !said.AsIs {
				return environment(err)
			}
		}
		write := func(w io.Writer) error {
			open := seal.NewWriter
			if *armor {
				open = seal.NewArmorWriter
			}
			sealed, err := open(w, all)
			if err != nil {
				return err
			}
			if err := said.copy(sealed, in, size); err != nil {
				return err
			}
			return sealed.Close()
		}
		if *out == "-" {
			err = write(c.stdout)
		} else {
			err = writeNew(*out, write)
		}
		if err != nil {
			return classify(err)
		}
		if c.json && *out != "-" {
			return c.printJSON(said)
		}
		fmt.Fprintln(c.stderr, said.note())
		if *out != "-" {
			fmt.Fprintf(c.stdout, "%s is sealed in %s\n", words[0], *out)
		}
		return nil
	},
}

// sealedFile is what seal says of a file.
type sealedFile struct {
	File       string     `json:"file"`
	Out        string     `json:"out"`
	Recipients int        `json:"recipients"`
	Hybrid     bool       `json:"hybrid"`
	Kind       scrub.Kind `json:"kind,omitempty"`
	AsIs       bool       `json:"as_is"` // nothing was taken out
	Removed    []string   `json:"removed"`
	Kept       []string   `json:"kept"`
}

// copy copies the file without what tells about its maker.
func (s *sealedFile) copy(out io.Writer, in io.ReaderAt, size int64) error {
	if s.AsIs {
		_, err := io.Copy(out, io.NewSectionReader(in, 0, size))
		return err
	}
	report, err := scrub.Scrub(out, in, size)
	if errors.Is(err, scrub.ErrDamaged) {
		return bad(fmt.Errorf("%s: %w; --as-is seals it as it is; nothing was written", s.File, err))
	}
	s.Removed, s.Kept = append(s.Removed, report.Removed...), append(s.Kept, report.Kept...)
	return err
}

// note says what was taken out, to a person.
func (s *sealedFile) note() string {
	if s.AsIs {
		return "Nothing was taken out of the file: it was sealed as it is."
	}
	note := "Taken out: " + strings.Join(s.Removed, ", ") + "."
	if len(s.Removed) == 0 {
		note = "There was nothing to take out."
	}
	if len(s.Kept) > 0 {
		note += " Still in it: " + strings.Join(s.Kept, ", ") + "."
	}
	return note
}

// openWhole opens a file of the call that is read in any order. What comes from a pipe is held in memory.
func (c *call) openWhole(name string) (in io.ReaderAt, size int64, done func(), err error) {
	f, done, err := c.openInput(name)
	if err != nil {
		return nil, 0, nil, err
	}
	info, err := f.Stat()
	if err == nil && info.Mode().IsRegular() {
		return f, info.Size(), done, nil
	}
	defer done()
	text, err := io.ReadAll(f)
	if err != nil {
		return nil, 0, nil, environment(err)
	}
	return bytes.NewReader(text), int64(len(text)), func() {}, nil
}

// recipients reads recipients that stand in the call and in files.
func (c *call) recipients(lines, files []string) (seal.Recipients, error) {
	var to []seal.Recipient
	for _, line := range lines {
		r, err := seal.ParseRecipient(line)
		if err != nil {
			return seal.Recipients{}, usagef("--to: %v", err)
		}
		to = append(to, r)
	}
	for _, name := range files {
		in, done, err := c.openInput(name)
		if err != nil {
			return seal.Recipients{}, err
		}
		list, err := seal.ParseRecipients(in)
		done()
		if err != nil {
			return seal.Recipients{}, bad(fmt.Errorf("%s: %w", name, err))
		}
		to = append(to, list.List()...)
	}
	all, err := seal.NewRecipients(to...)
	if err != nil {
		return seal.Recipients{}, bad(err)
	}
	return all, nil
}

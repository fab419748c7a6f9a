// Package pdf reads the words of a PDF (ISO 32000) as well as they can be read: a PDF says where glyphs stand on a page,
// not which words and paragraphs they are. No library that is free and kept reads that as well as poppler's program
// pdftotext, so this package runs it, in a process of its own with bounded time and output, where it is installed. What
// it adds is the order of lines that read from right to left, and paragraphs.
//
// What comes out is a draft that its author must look at; Doubtful says when there is more reason than usual.
package pdf

import (
	"bytes"
	"context"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/bidi"
	"golang.org/x/text/unicode/norm"
)

// The bounds of a file and of the program that reads it.
const (
	MaxBytes  = 24 << 20
	MaxPages  = 400
	maxOutput = 64 << 20 // what the program writes: words with their places
	patience  = 30 * time.Second
)

// Code says what is wrong with a file, for messages in other languages.
type Code string

// The codes of problems.
const (
	TooLarge          Code = "too_large" // bytes or pages beyond the bounds, or too long to read
	NotPDF            Code = "not_pdf"
	Broken            Code = "broken"
	PasswordProtected Code = "password_protected"
	NoText            Code = "no_text"   // pictures of pages, as from a scanner
	NoReader          Code = "no_reader" // pdftotext is not installed
)

// Codes lists all codes.
func Codes() []Code { return []Code{TooLarge, NotPDF, Broken, PasswordProtected, NoText, NoReader} }

// Problem says what is wrong.
type Problem struct{ Code Code }

func (p *Problem) Error() string { return "reading a PDF: " + string(p.Code) }

// Text is what could be read.
type Text struct {
	Paragraphs []string
	// Pages is how many the file has; Empty lists those without a word, counted from 1.
	Pages int
	Empty []int
	// Doubtful tells that glyphs came without the characters that they stand for.
	Doubtful bool
}

// Available tells whether PDFs can be read on this machine.
func Available() bool {
	_, err := exec.LookPath("pdftotext")
	return err == nil
}

// Read reads the words of a PDF. An error that is neither the reader's nor the context's is a *Problem.
func Read(ctx context.Context, r io.Reader) (*Text, error) {
	data, err := io.ReadAll(io.LimitReader(r, MaxBytes+1))
	if err != nil {
		return nil, fmt.Errorf("reading a PDF: %w", err)
	}
	if len(data) > MaxBytes {
		return nil, &Problem{TooLarge}
	}
	if !bytes.Contains(data[:min(len(data), 1024)], []byte("%PDF-")) {
		return nil, &Problem{NotPDF}
	}
	out, err := run(ctx, data)
	if err != nil {
		return nil, err
	}
	return take(out)
}

// run has pdftotext lay the words out. The file goes in and the words come out by pipes: nothing is written to a disk.
func run(ctx context.Context, data []byte) ([]byte, error) {
	program, err := exec.LookPath("pdftotext")
	if err != nil {
		return nil, &Problem{NoReader}
	}
	short, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	cmd := exec.CommandContext(short, program, "-enc", "UTF-8", "-bbox-layout", "-l", fmt.Sprint(MaxPages+1), "-", "-")
	cmd.Stdin, cmd.Env, cmd.Dir = bytes.NewReader(data), []string{"LC_ALL=C"}, os.TempDir()
	out, errs := &bounded{max: maxOutput}, &bounded{max: 64 << 10}
	cmd.Stdout, cmd.Stderr = out, errs
	err = cmd.Run()
	switch {
	case ctx.Err() != nil:
		return nil, ctx.Err()
	case short.Err() != nil || out.over:
		return nil, &Problem{TooLarge}
	case strings.Contains(errs.String(), "ncorrect password"):
		return nil, &Problem{PasswordProtected}
	case err != nil:
		return nil, &Problem{Broken}
	}
	return out.Bytes(), nil
}

// bounded keeps what a program writes, up to a bound.
type bounded struct {
	bytes.Buffer
	max  int
	over bool
}

var errOver = errors.New("too much output")

func (b *bounded) Write(p []byte) (int, error) {
	if b.Len()+len(p) > b.max {
		b.over = true
		return 0, errOver
	}
	return b.Buffer.Write(p)
}

// layout is what pdftotext writes.
type layout struct {
	Pages []struct {
		Blocks []struct {
			Lines []line `xml:"line"`
		} `xml:"flow>block"`
	} `xml:"body>doc>page"`
}

// line is a line of words; y grows downwards.
type line struct {
	Top    float64 `xml:"yMin,attr"`
	Bottom float64 `xml:"yMax,attr"`
	Words  []word  `xml:"word"`
}

// pitch is the usual distance of two lines of a paragraph, in heights of a line: the lower quartile of all.
func (l *layout) pitch() float64 {
	var all []float64
	for _, page := range l.Pages {
		for _, block := range page.Blocks {
			for i := 1; i < len(block.Lines); i++ {
				if d := distance(block.Lines[i-1], block.Lines[i]); d > 0.5 {
					all = append(all, d)
				}
			}
		}
	}
	if len(all) == 0 {
		return 1
	}
	slices.Sort(all)
	return all[len(all)/4]
}

func distance(a, b line) float64 { return (b.Top - a.Top) / max(a.Bottom-a.Top, 1) }

// paragraphs makes paragraphs of a block. One ends where the distance to the next line is larger than usual, or where a
// short line ends a sentence.
func paragraphs(lines []line, usual float64) []string {
	var texts []string
	long := 0
	for _, l := range lines {
		s := strings.Join(strings.Fields(logical(seen(l.Words))), " ")
		texts = append(texts, s)
		long = max(long, utf8.RuneCountInString(s))
	}
	var all []string
	open := false
	for i, s := range texts {
		switch {
		case s == "":
			continue
		case !open || distance(lines[i-1], lines[i]) > 1.35*usual:
			all = append(all, s)
		default:
			all[len(all)-1] = joined(all[len(all)-1], s)
		}
		last, _ := utf8.DecodeLastRuneInString(s)
		open = utf8.RuneCountInString(s) >= long*3/4 || !strings.ContainsRune(".!?؟。！？", last)
	}
	return all
}

// word is a word with its place in points.
type word struct {
	Left   float64 `xml:"xMin,attr"`
	Right  float64 `xml:"xMax,attr"`
	Top    float64 `xml:"yMin,attr"`
	Bottom float64 `xml:"yMax,attr"`
	Text   string  `xml:",chardata"`
}

// take makes paragraphs of the blocks of a layout.
func take(out []byte) (*Text, error) {
	var l layout
	d := xml.NewDecoder(bytes.NewReader(bytes.Map(valid, out)))
	d.Strict = false
	d.Entity = xml.HTMLEntity
	if err := d.Decode(&l); err != nil {
		return nil, &Problem{Broken}
	}
	t := &Text{Pages: len(l.Pages)}
	if t.Pages > MaxPages {
		return nil, &Problem{TooLarge}
	}
	usual := l.pitch()
	for n, page := range l.Pages {
		found := len(t.Paragraphs)
		for _, block := range page.Blocks {
			t.Paragraphs = append(t.Paragraphs, paragraphs(block.Lines, usual)...)
		}
		if len(t.Paragraphs) == found {
			t.Empty = append(t.Empty, n+1)
		}
	}
	for _, p := range t.Paragraphs {
		t.Doubtful = t.Doubtful || strings.ContainsFunc(p, strange)
	}
	if len(t.Paragraphs) == 0 {
		return nil, &Problem{NoText}
	}
	return t, nil
}

// valid drops the characters that XML does not have.
func valid(r rune) rune {
	if unicode.IsControl(r) && r != '\n' && r != '\t' || r == '\ufffe' || r == '\uffff' {
		return -1
	}
	return r
}

// strange tells a character that stands for a glyph without a meaning.
func strange(r rune) bool { return unicode.Is(unicode.Co, r) || r == unicode.ReplacementChar }

// seen is a line as it is seen, from left to right. Words that touch are one.
func seen(words []word) string {
	slices.SortStableFunc(words, func(a, b word) int {
		switch {
		case a.Left < b.Left:
			return -1
		case a.Left > b.Left:
			return 1
		}
		return 0
	})
	var out strings.Builder
	for i, w := range words {
		if i > 0 && w.Left-words[i-1].Right > 0.08*(w.Bottom-w.Top) {
			out.WriteByte(' ')
		}
		out.WriteString(w.Text)
	}
	return out.String()
}

// logical puts a line that stands as it is seen, from left to right, into the order in which it is read, and replaces
// the shapes of Arabic letters by the letters.
func logical(seen string) string {
	if !strings.ContainsFunc(seen, rightToLeft) {
		return norm.NFC.String(seen)
	}
	// Runs of Latin letters and of numbers stand in their own order within the line.
	type run struct {
		text []rune
		ltr  bool
	}
	var runs []run
	for _, r := range seen {
		ltr := leftToRight(r)
		if n := len(runs) - 1; n >= 0 && runs[n].ltr == ltr {
			runs[n].text = append(runs[n].text, r)
			continue
		}
		runs = append(runs, run{[]rune{r}, ltr})
	}
	var out strings.Builder
	for _, r := range slices.Backward(runs) {
		if !r.ltr {
			slices.Reverse(r.text)
			for i, c := range r.text {
				r.text[i] = mirrored(c)
			}
		}
		out.WriteString(string(r.text))
	}
	return norm.NFKC.String(out.String())
}

func class(r rune) bidi.Class {
	p, _ := bidi.LookupRune(r)
	return p.Class()
}

func rightToLeft(r rune) bool { c := class(r); return c == bidi.R || c == bidi.AL }

func leftToRight(r rune) bool {
	switch class(r) {
	case bidi.L, bidi.EN, bidi.AN:
		return true
	}
	return false
}

// mirrored turns a bracket round: in a line from right to left its other half was drawn.
func mirrored(r rune) rune {
	const pairs = "()[]{}<>«»"
	all := []rune(pairs)
	if i := slices.Index(all, r); i >= 0 {
		return all[i^1]
	}
	return r
}

// joined joins two lines; a word that was broken at the end of a line is whole again, and Chinese has no spaces.
func joined(a, b string) string {
	first, last := []rune(b)[0], []rune(a)[len([]rune(a))-1]
	switch {
	case last == '\u00ad' || last == '-' && unicode.IsLower(first) && len(a) > 1 && unicode.IsLower([]rune(a)[len([]rune(a))-2]):
		return strings.TrimRight(a, "\u00ad-") + b
	case unicode.Is(unicode.Han, last) && unicode.Is(unicode.Han, first):
		return a + b
	}
	return a + " " + b
}

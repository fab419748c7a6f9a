package place

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
)

// MaxProblems is how many problems are listed at most. Where there are more,
// the last one says how many were left out.
const MaxProblems = 100

// Code names a kind of problem. Codes are stable: a page translates them.
type Code string

// Problem is one thing that is wrong with a file.
//
// Sentence and Next are English. A page in another language writes its own
// sentence from Code and Args.
type Problem struct {
	File     string            `json:"file,omitempty"`    // the name of the file, where it is known
	Line     int               `json:"line,omitempty"`    // from 1; 0 where the value was not read from a file
	Column   int               `json:"column,omitempty"`  // from 1, in characters
	Pointer  string            `json:"pointer,omitempty"` // JSON pointer of the value (RFC 6901); empty for the whole file
	Code     Code              `json:"code"`
	Value    string            `json:"value,omitempty"` // what stands there, cut to 80 characters and safe to print
	Args     map[string]string `json:"args,omitempty"`  // what the sentence speaks of, by name
	Sentence string            `json:"sentence"`        // what is wrong
	Next     string            `json:"next"`            // what to do now
}

// String gives "records/som-2022.json:41:17 /counts/2/number: …".
func (p Problem) String() string {
	var b strings.Builder
	b.WriteString(p.where())
	if b.Len() > 0 {
		b.WriteString(": ")
	}
	b.WriteString(p.Sentence)
	if p.Next != "" {
		b.WriteString(" " + p.Next)
	}
	return b.String()
}

// where gives the place alone, in a notation that needs no translation.
func (p Problem) where() string {
	at := p.File
	if p.Line > 0 {
		at = strings.TrimPrefix(at+":"+Position{p.Line, p.Column}.String(), ":")
	}
	if p.Pointer != "" {
		at = strings.TrimPrefix(at+" "+p.Pointer, " ")
	}
	return at
}

// Problems is everything that is wrong, in file order. It is an error when it
// is not empty.
type Problems []Problem

// Error gives one line for each problem.
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.String()
	}
	return strings.Join(lines, "\n")
}

// In gives the same problems with the name of the file they are in.
func (ps Problems) In(file string) Problems {
	named := slices.Clone(ps)
	for i := range named {
		if named[i].File == "" {
			named[i].File = file
		}
	}
	return named
}

// Site is where a problem of several files lies.
type Site struct {
	File    string
	At      Position
	Pointer string
}

// String gives the place in a notation that needs no translation.
func (s Site) String() string {
	return Problem{File: s.File, Line: s.At.Line, Column: s.At.Column, Pointer: s.Pointer}.where()
}

// New makes a problem. Args are names and values in turn.
func New(s Site, value string, code Code, args ...string) Problem {
	p := Problem{
		File: s.File, Line: s.At.Line, Column: s.At.Column, Pointer: s.Pointer,
		Code: code, Value: Shown(value),
	}
	if len(args) > 0 {
		p.Args = make(map[string]string, len(args)/2)
		for i := 0; i+1 < len(args); i += 2 {
			p.Args[args[i]] = args[i+1]
		}
	}
	said := sentences[code]
	p.Sentence = p.fill(said.sentence)
	p.Next = p.fill(said.next)
	if said.hint != "" && p.Args["suggestion"] != "" {
		p.Next = p.fill(said.hint)
	}
	return p
}

// fill puts the value and the arguments into a sentence.
func (p Problem) fill(sentence string) string {
	pairs := []string{"{value}", p.Value}
	for name, value := range p.Args {
		switch name {
		case "want", "got", "expected", "found", "kind":
			value = cmp.Or(words[value], value)
		}
		pairs = append(pairs, "{"+name+"}", value)
	}
	return strings.NewReplacer(pairs...).Replace(sentence)
}

// Sorted puts problems in file order and keeps to MaxProblems. More is how
// many were found and not kept.
func Sorted(ps Problems, more int) error {
	if len(ps) == 0 {
		return nil
	}
	slices.SortStableFunc(ps, func(a, b Problem) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line),
			cmp.Compare(a.Column, b.Column), cmp.Compare(a.Pointer, b.Pointer), cmp.Compare(a.Code, b.Code))
	})
	if more += len(ps) - MaxProblems; more > 0 {
		ps = append(ps[:MaxProblems-1:MaxProblems-1],
			New(Site{}, "", TooManyProblems, "more", fmt.Sprint(more+1), "listed", fmt.Sprint(MaxProblems-1)))
	}
	return ps
}

// Codes lists every code, so that a catalogue of another language can be
// checked for completeness.
func Codes() []Code {
	codes := make([]Code, 0, len(sentences))
	for c := range sentences {
		codes = append(codes, c)
	}
	slices.Sort(codes)
	return codes
}

// Vocabulary lists the stable words that arguments may hold and that a
// catalogue of another language translates.
func Vocabulary() []string {
	list := make([]string, 0, len(words))
	for w := range words {
		list = append(list, w)
	}
	slices.Sort(list)
	return list
}

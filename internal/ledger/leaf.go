package ledger

import (
	"bytes"
	"encoding/base64"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
)

// Leaf is what the tree commits to. It has one spelling only, that of AppendLeaf.
type Leaf struct {
	ID      ID
	Type    string
	Subject string
	At      string
	Digest  Digest
	Cites   []ID
}

const (
	word       = `[a-z][a-z0-9]*(?:-[a-z0-9]+)*`
	part       = `[a-z0-9]+(?:-[a-z0-9]+)*`
	noticeWord = ".withdrawn" // ends the type of a notice, and of nothing else
	opaque     = "opaque/"    // begins a subject that is not public

	maxType    = 80
	maxSubject = 200
)

var (
	idGrammar      = regexp.MustCompile(`^[a-km-np-z2-9]{26}$`)
	typeGrammar    = regexp.MustCompile(`^` + word + `(?:\.` + word + `){1,5}$`)
	subjectGrammar = regexp.MustCompile(`^` + part + `(?:/` + part + `){0,7}$`)
)

// Valid tells whether id has the form of an entry's name.
func (id ID) Valid() bool { return idGrammar.MatchString(string(id)) }

// Notice tells whether the entry withdraws the text of another.
func (f Leaf) Notice() bool { return strings.HasSuffix(f.Type, noticeWord) }

// Opaque tells whether the subject says nothing.
func (f Leaf) Opaque() bool { return strings.HasPrefix(f.Subject, opaque) }

// check tells which rule of the format a leaf breaks.
func (f Leaf) check() error {
	switch {
	case !f.ID.Valid():
		return fmt.Errorf("its id %q is not 26 letters and digits", f.ID)
	case len(f.Type) > maxType || !typeGrammar.MatchString(f.Type):
		return fmt.Errorf("its type %q is not lower-case words joined by dots", f.Type)
	case len(f.Subject) > maxSubject || !subjectGrammar.MatchString(f.Subject):
		return fmt.Errorf("its subject %q is not lower-case words, digits and hyphens joined by slashes", f.Subject)
	case f.Opaque() && strings.Count(f.Subject, "/") != 1:
		return fmt.Errorf("its subject %q is opaque and has more than one part", f.Subject)
	case !validAt(f.At):
		return fmt.Errorf("its time %q is neither a day (2026-11-23) nor a second in UTC (2026-11-23T15:20:00Z)", f.At)
	}
	for i, id := range f.Cites {
		switch {
		case !id.Valid():
			return fmt.Errorf("it cites %q, which is not 26 letters and digits", id)
		case id == f.ID:
			return errors.New("it cites itself")
		case slices.Contains(f.Cites[:i], id):
			return fmt.Errorf("it cites %s twice", id)
		}
	}
	return nil
}

func validAt(at string) bool {
	for _, layout := range []string{time.DateOnly, "2006-01-02T15:04:05Z"} {
		if t, err := time.Parse(layout, at); err == nil && t.Format(layout) == at {
			return true
		}
	}
	return false
}

// AppendLeaf appends the leaf's one spelling to b.
func AppendLeaf(b []byte, f Leaf) ([]byte, error) {
	if err := f.check(); err != nil {
		return nil, err
	}
	start := len(b)
	b = append(b, `{"v":1,"id":"`...)
	b = append(b, f.ID...)
	b = append(b, `","type":"`...)
	b = append(b, f.Type...)
	b = append(b, `","subject":"`...)
	b = append(b, f.Subject...)
	b = append(b, `","at":"`...)
	b = append(b, f.At...)
	b = append(b, `","digest":"`...)
	b = base64.StdEncoding.AppendEncode(b, f.Digest[:])
	b = append(b, '"')
	for i, id := range f.Cites {
		if i == 0 {
			b = append(b, `,"cites":["`...)
		} else {
			b = append(b, `,"`...)
		}
		b = append(b, id...)
		b = append(b, '"')
	}
	if len(f.Cites) > 0 {
		b = append(b, ']')
	}
	b = append(b, '}')
	if n := len(b) - start; n > MaxLeaf {
		return nil, fmt.Errorf("its leaf has %d bytes, %d are allowed; cite fewer entries", n, MaxLeaf)
	}
	return b, nil
}

// ParseLeaf reads a leaf and refuses every spelling but the one of AppendLeaf.
func ParseLeaf(b []byte) (Leaf, error) {
	if len(b) > MaxLeaf {
		return Leaf{}, fmt.Errorf("the leaf has %d bytes, %d are allowed", len(b), MaxLeaf)
	}
	s := fields{rest: string(b)}
	s.skip(`{"v":1,"id":"`)
	f := Leaf{ID: ID(s.upTo(`","type":"`)), Type: s.upTo(`","subject":"`), Subject: s.upTo(`","at":"`), At: s.upTo(`","digest":"`)}
	digest, err := base64.StdEncoding.Strict().DecodeString(s.upTo(`"`))
	if s.failed || err != nil || len(digest) != len(f.Digest) {
		return Leaf{}, errors.New("the leaf is not spelled as the format says")
	}
	copy(f.Digest[:], digest)
	if s.rest != "}" {
		s.skip(`,"cites":["`)
		for _, id := range strings.Split(s.upTo(`"]}`), `","`) {
			f.Cites = append(f.Cites, ID(id))
		}
	}
	again, err := AppendLeaf(make([]byte, 0, len(b)), f)
	if err != nil {
		return Leaf{}, fmt.Errorf("the leaf is not valid: %w", err)
	}
	if !bytes.Equal(again, b) {
		return Leaf{}, errors.New("the leaf is not spelled as the format says")
	}
	return f, nil
}

// fields reads a leaf from the left. Nothing in a leaf is escaped, so that its quotes are where its fields end.
type fields struct {
	rest   string
	failed bool
}

func (s *fields) skip(literal string) {
	rest, ok := strings.CutPrefix(s.rest, literal)
	s.rest, s.failed = rest, s.failed || !ok
}

func (s *fields) upTo(literal string) string {
	value, rest, ok := strings.Cut(s.rest, literal)
	s.rest, s.failed = rest, s.failed || !ok
	return value
}

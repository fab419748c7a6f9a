package place

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"strings"
	"time"
)

// Status says who answers for a text in a language.
type Status string

// The statuses of a text, from the strongest to the weakest.
const (
	Official Status = "official" // printed so by the body it belongs to
	Editors  Status = "editors"  // written by the editors of the file, in their own words
	Reviewed Status = "reviewed" // a translation that a person has checked
	Machine  Status = "machine"  // a translation that no person has checked
)

// Language is a language of a file and the status that its texts have where
// they do not say otherwise.
type Language struct {
	Tag    string // BCP 47, in lower case: "en", "zh-hans"
	Status Status
}

// Languages are the languages of a file, the one it was written in first.
type Languages []Language

// Status gives the status of a text: its own, or that of its language.
func (ls Languages) Status(w Words) Status {
	if w.Status != "" {
		return w.Status
	}
	for _, l := range ls {
		if l.Tag == w.Lang {
			return l.Status
		}
	}
	return ""
}

// Words is a text in one language.
type Words struct {
	Lang   string
	Text   string
	Status Status // empty where it is that of the language
}

// Text is the same text in one or more languages, in file order.
type Text []Words

// In gives the text in the first of the languages that it has, or in the
// language it was written in. The zero Words is given for an empty Text.
func (t Text) In(langs ...string) Words {
	for _, lang := range langs {
		for _, w := range t {
			if w.Lang == lang {
				return w
			}
		}
	}
	if len(t) == 0 {
		return Words{}
	}
	return t[0]
}

// MarshalJSON writes an object with one field for each language.
func (t Text) MarshalJSON() ([]byte, error) {
	return fields(len(t), func(i int) (string, any) {
		if t[i].Status == "" {
			return t[i].Lang, t[i].Text
		}
		return t[i].Lang, struct {
			Text   string `json:"text"`
			Status Status `json:"status"`
		}{t[i].Text, t[i].Status}
	})
}

// MarshalJSON writes an object with one field for each language.
func (ls Languages) MarshalJSON() ([]byte, error) {
	return fields(len(ls), func(i int) (string, any) { return ls[i].Tag, ls[i].Status })
}

// fields writes an object in a given order, which a Go map cannot do.
func fields(n int, field func(int) (string, any)) ([]byte, error) {
	var b bytes.Buffer
	b.WriteByte('{')
	for i := range n {
		if i > 0 {
			b.WriteByte(',')
		}
		name, value := field(i)
		for j, v := range []any{name, value} {
			if j > 0 {
				b.WriteByte(':')
			}
			e := json.NewEncoder(&b)
			e.SetEscapeHTML(false)
			if err := e.Encode(v); err != nil {
				return nil, err
			}
		}
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}

// Write writes a file in the one form that both formats have: two spaces for
// each step, one field on each line, a line break at the end.
func Write(w io.Writer, v any) error {
	e := json.NewEncoder(w)
	e.SetEscapeHTML(false)
	e.SetIndent("", "  ")
	return e.Encode(v)
}

// maxLanguages is how many languages a file may have.
const maxLanguages = 50

// ReadLanguages reads the languages of the file. It comes before all texts.
func (r *Reader) ReadLanguages(n *Node) Languages {
	if !r.is(n, Object) {
		return nil
	}
	if len(n.Children) == 0 {
		r.Report(n, EmptyList, "field", n.key)
	}
	if len(n.Children) > maxLanguages {
		r.Report(n, ListTooLong, "length", fmt.Sprint(len(n.Children)), "limit", fmt.Sprint(maxLanguages))
		return nil
	}
	for _, c := range n.Children {
		if !isLanguage(c.key) {
			r.reportAt(c.offset, c, c.key, BadLanguage)
			continue
		}
		r.Languages = append(r.Languages, Language{c.key, r.status(c)})
	}
	return r.Languages
}

func (r *Reader) status(n *Node) Status {
	return Word(r, n, Official, Editors, Reviewed, Machine)
}

func isLanguage(s string) bool {
	if len(s) > 35 {
		return false
	}
	for i, part := range strings.Split(s, "-") {
		if len(part) < 2 || len(part) > 8 || i == 0 && len(part) > 3 || !isName(part, '-') {
			return false
		}
	}
	return true
}

// Text reads a text by language, each of at most MaxText characters.
func (r *Reader) Text(n *Node) Text {
	if !r.is(n, Object) {
		return nil
	}
	if len(n.Children) == 0 {
		r.Report(n, BlankText)
	}
	var t Text
	for _, c := range n.Children {
		if !r.declared(c.key) {
			r.reportAt(c.offset, c, c.key, UndeclaredLanguage)
			continue
		}
		w := Words{Lang: c.key}
		switch c.Kind {
		case String:
			w.Text = r.String(c, MaxText)
		case Object:
			f := r.Object(c)
			w.Text = r.String(f.Must("text"), MaxText)
			w.Status = r.status(f.Must("status"))
			f.Close()
		default:
			r.Report(c, WrongType, "want", "text_or_object", "got", c.Kind.word())
		}
		t = append(t, w)
	}
	return t
}

func (r *Reader) declared(lang string) bool {
	for _, l := range r.Languages {
		if l.Tag == lang {
			return true
		}
	}
	return false
}

// Date is a day, "2022-07-01", or a month, "2024-07", of the Gregorian
// calendar.
type Date string

// First gives the first day of the date, at midnight UTC.
func (d Date) First() time.Time {
	if t, err := time.Parse(time.DateOnly, string(d)); err == nil {
		return t
	}
	t, err := time.Parse("2006-01", string(d))
	if err != nil {
		return time.Time{}
	}
	return t
}

// Last gives the last day of the date, at midnight UTC.
func (d Date) Last() time.Time {
	if d.IsDay() || d.First().IsZero() {
		return d.First()
	}
	return d.First().AddDate(0, 1, -1)
}

// IsDay reports whether the date names a day and not a month alone.
func (d Date) IsDay() bool { return len(d) == len(time.DateOnly) }

// The years that a date may have. Nothing in a record of the United Nations
// is older than the Charter; a year past 2099 is a slip of the hand.
const (
	FirstYear = 1945
	LastYear  = 2099
)

// Day reads a date that names a day.
func (r *Reader) Day(n *Node) Date { return r.date(n, "day") }

// Date reads a date that names a day or a month.
func (r *Reader) Date(n *Node) Date { return r.date(n, "day_or_month") }

func (r *Reader) date(n *Node, want string) Date {
	if !r.is(n, String) {
		return ""
	}
	d := Date(n.Text)
	t := d.First()
	if t.IsZero() || want == "day" && !d.IsDay() {
		r.Report(n, BadDate, "expected", want)
		return ""
	}
	if t.Year() < FirstYear || t.Year() > LastYear {
		r.Report(n, DateOutOfRange, "low", fmt.Sprint(FirstYear), "high", fmt.Sprint(LastYear))
		return ""
	}
	return d
}

// Reading says how much of a source the editors have read.
type Reading string

// The readings of a source.
const (
	ReadFull Reading = "full"
	ReadPart Reading = "part"
	NotRead  Reading = "not_read"
)

// SourceKind says what a source is to what it tells.
type SourceKind string

// The kinds of sources.
const (
	Primary   SourceKind = "primary"   // by the body that acted, or the person who spoke
	Mirror    SourceKind = "mirror"    // a copy of a primary source that stands elsewhere
	Secondary SourceKind = "secondary" // by somebody who reports on it
)

// Source is a public page or document that a file rests on.
type Source struct {
	ID        string     `json:"id"`
	Title     string     `json:"title"` // as printed; in square brackets where the editors supply it
	Publisher string     `json:"publisher"`
	URL       string     `json:"url"`
	Date      Date       `json:"date,omitempty"` // when it was published, where that is known
	Read      Reading    `json:"read"`
	Kind      SourceKind `json:"kind"`
}

// ReadSources reads the sources of the file. It comes before all items.
func (r *Reader) ReadSources(n *Node) []Source {
	taken := IDs{}
	r.declares = map[string]bool{}
	return List(r, n, func(n *Node) Source {
		f := r.Object(n)
		defer f.Close()
		id := f.Must("id")
		if id != nil {
			r.sources = append(r.sources, id.Text) // a bad id is one mistake, not one for every use
			r.declares[id.Text] = true
		}
		return Source{
			ID:        r.Term(id, taken),
			Title:     r.String(f.Must("title"), MaxName),
			Publisher: r.String(f.Must("publisher"), MaxName),
			URL:       r.address(f.Must("url")),
			Date:      r.Date(f.May("date")),
			Read:      Word(r, f.Must("read"), ReadFull, ReadPart, NotRead),
			Kind:      Word(r, f.Must("kind"), Primary, Mirror, Secondary),
		}
	})
}

func (r *Reader) address(n *Node) string {
	s := r.String(n, MaxText)
	if s == "" {
		return ""
	}
	u, err := url.Parse(s)
	if err != nil || u.Scheme != "http" && u.Scheme != "https" || u.Hostname() == "" || u.User != nil ||
		strings.ContainsAny(s, " <>\"`\\\n") {
		r.Report(n, BadAddress)
		return ""
	}
	return s
}

// Cited reads the field "sources" of f: ids of sources of the file. Needed
// says that there must be one.
func (r *Reader) Cited(f *Fields, needed bool) []string {
	n := f.May("sources")
	if needed && f.node != nil && (n == nil || n.Kind == Array && len(n.Children) == 0) {
		at := n
		if at == nil {
			at = f.node
		}
		r.Report(at, NoSource)
		return nil
	}
	return List(r, n, r.SourceRef)
}

// SourceRef reads the id of a source of the file.
func (r *Reader) SourceRef(n *Node) string {
	if n != nil && n.Kind == String && r.declares[n.Text] {
		return n.Text
	}
	return r.Ref(n, "source", r.sources)
}

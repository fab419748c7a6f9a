package text

import (
	"fmt"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"rostrum.example/internal/locale"
)

// Limits of a document.
const (
	MaxText      = 20_000 // bytes of one wording
	MaxQuote     = 10_000 // bytes of a quotation or of the words on one side of it
	MaxName      = 300    // bytes of a source's name, a topic, an author
	MaxSections  = 200
	MaxBlocks    = 5_000
	MaxCitations = 200 // of one block
	MaxLangs     = 12
	MaxOmissions = 5_000
)

// Code names a kind of problem. Codes are stable: a page translates them.
type Code string

// What keeps a document, or a part of it, from being kept.
const (
	BadEncoding     Code = "bad_encoding"
	BadCharacter    Code = "bad_character" // a control character, or one that turns the direction of what follows
	TooLong         Code = "too_long"
	TooMany         Code = "too_many"
	BadID           Code = "bad_id"
	DuplicateID     Code = "duplicate_id"
	BadLanguage     Code = "bad_language"
	BadStatus       Code = "bad_status"
	BadKind         Code = "bad_kind"
	BadDate         Code = "bad_date"
	Missing         Code = "missing"
	DuplicateSource Code = "duplicate_source"
)

// Problem is one thing that keeps a part of a document from being kept.
type Problem struct {
	Code Code `json:"code"`
	// Part is the id of the block or section, "title" or "omissions".
	Part string `json:"part,omitempty"`
	// Field is "text", "heading", "actor", "citation c-id" and the like.
	Field string      `json:"field,omitempty"`
	Lang  locale.Lang `json:"lang,omitempty"`
	Limit int         `json:"limit,omitempty"`
}

// Problems are everything that is wrong with what was to be kept. Nothing was.
type Problems []Problem

func (all Problems) Error() string {
	var b strings.Builder
	for i, p := range all {
		if i == 5 {
			fmt.Fprintf(&b, "; and %d more", len(all)-i)
			break
		}
		if i > 0 {
			b.WriteString("; ")
		}
		fmt.Fprintf(&b, "%s: %s", strings.TrimSpace(p.Part+" "+p.Field+" "+string(p.Lang)), p.Code)
	}
	return b.String()
}

var (
	goodID   = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)
	goodLang = regexp.MustCompile(`^[a-z]{2,3}(-[A-Za-z0-9]{2,8})*$`)
	goodDate = regexp.MustCompile(`^\d{4}(-\d{2}(-\d{2})?)?$`)
)

// maxID leaves an id room in the anchor of a paragraph of a DOCX file.
const maxID = 38

// Turns tells whether a character embeds or overrides the direction of what follows it. Such a character can make a
// line read otherwise than it is written; the marks U+200E and U+200F, which texts in Arabic need, cannot.
func turns(c rune) bool { return c >= '\u202a' && c <= '\u202e' || c >= '\u2066' && c <= '\u2069' }

func bad(c rune) bool {
	return c != '\n' && c != '\t' && unicode.IsControl(c) || turns(c) || c == '\u2028' || c == '\u2029' || c == '\ufeff'
}

// Clean leaves out what a wording cannot hold: line ends become U+000A, bytes that are no UTF-8 become U+FFFD, controls
// and characters that turn the direction go, as does space at the end of lines. It cuts nothing.
func Clean(s string) string {
	s = strings.ToValidUTF8(s, "\ufffd")
	s = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n").Replace(s)
	s = strings.Map(func(c rune) rune {
		if bad(c) {
			return -1
		}
		return c
	}, s)
	lines := strings.Split(s, "\n")
	for i := range lines {
		lines[i] = strings.TrimRight(lines[i], " \t")
	}
	return strings.Trim(strings.Join(lines, "\n"), "\n")
}

// checker collects what is wrong.
type checker struct {
	problems Problems
	part     string
	ids      map[string]bool
	cited    map[CitationID]bool // in the whole document
}

func (c *checker) add(p Problem) {
	p.Part = c.part
	c.problems = append(c.problems, p)
}

func (c *checker) string(field string, lang locale.Lang, s string, limit int) {
	switch {
	case len(s) > limit:
		c.add(Problem{Code: TooLong, Field: field, Lang: lang, Limit: limit})
	case !utf8.ValidString(s):
		c.add(Problem{Code: BadEncoding, Field: field, Lang: lang})
	case strings.IndexFunc(s, bad) >= 0:
		c.add(Problem{Code: BadCharacter, Field: field, Lang: lang})
	}
}

func (c *checker) lang(field string, lang locale.Lang) {
	if len(lang) > 35 || !goodLang.MatchString(string(lang)) {
		c.add(Problem{Code: BadLanguage, Field: field})
	}
}

func (c *checker) words(field string, w Words) {
	if len(w) > MaxLangs {
		c.add(Problem{Code: TooMany, Field: field, Limit: MaxLangs})
	}
	for _, lang := range w.Langs() {
		c.lang(field, lang)
		c.string(field, lang, w[lang].Text, MaxText)
		switch w[lang].Status {
		case Official, Unofficial, Editors, Machine:
		default:
			c.add(Problem{Code: BadStatus, Field: field, Lang: lang})
		}
		c.string(field, lang, w[lang].Of, 16)
	}
}

func (c *checker) id(field, id string) {
	if len(id) > maxID || !goodID.MatchString(id) || id == TitlePart {
		c.add(Problem{Code: BadID, Field: field, Limit: maxID})
	} else if c.ids[id] {
		c.add(Problem{Code: DuplicateID, Field: field})
	}
	if c.ids != nil {
		c.ids[id] = true
	}
}

func (c *checker) block(b *Block) {
	c.part = string(b.ID)
	c.id("id", string(b.ID))
	switch b.Kind {
	case Paragraph, Point, Recommendation:
	default:
		c.add(Problem{Code: BadKind})
	}
	c.topics(b.Topics...)
	c.string("owner", "", string(b.Owner), MaxName)
	c.words("text", b.Text)
	if len(b.Citations) > MaxCitations {
		c.add(Problem{Code: TooMany, Field: "citations", Limit: MaxCitations})
	}
	own := map[CitationID]bool{}
	for _, q := range b.Citations {
		field := "citation " + clip(string(q.ID), 2*maxID)
		if len(q.ID) > maxID || !goodID.MatchString(string(q.ID)) {
			c.add(Problem{Code: BadID, Field: field, Limit: maxID})
		} else if own[q.ID] || c.cited[q.ID] {
			c.add(Problem{Code: DuplicateID, Field: field})
		}
		own[q.ID] = true
		if c.cited != nil {
			c.cited[q.ID] = true
		}
		if q.Entry != "" && !q.Entry.Valid() {
			c.add(Problem{Code: BadID, Field: field})
		}
		if q.Source == "" || strings.TrimSpace(q.Quote.Exact) == "" {
			c.add(Problem{Code: Missing, Field: field})
		}
		c.string(field, "", q.Source, MaxName)
		c.string(field, "", q.Version, MaxName)
		c.lang(field, q.Lang)
		// A selector is a copy of somebody else's text and may hold whatever stands there.
		for _, s := range []string{q.Quote.Exact, q.Quote.Prefix, q.Quote.Suffix} {
			if len(s) > MaxQuote {
				c.add(Problem{Code: TooLong, Field: field, Limit: MaxQuote})
			} else if !utf8.ValidString(s) || strings.ContainsRune(s, 0) {
				c.add(Problem{Code: BadEncoding, Field: field})
			}
		}
	}
	if a := b.Asks; a != nil {
		c.words("actor", a.Actor)
		c.words("measure", a.Measure)
		if a.Date != "" {
			if _, err := locale.ParseDate(a.Date); err != nil || !goodDate.MatchString(a.Date) {
				c.add(Problem{Code: BadDate, Field: "date"})
			}
		}
	}
}

func (c *checker) topics(all ...string) {
	if len(all) > 50 {
		c.add(Problem{Code: TooMany, Field: "topics", Limit: 50})
	}
	for _, topic := range all {
		c.string("topic", "", topic, MaxName)
	}
}

func (c *checker) section(s *Section) {
	c.part = string(s.ID)
	c.id("id", string(s.ID))
	c.topics(s.Topic)
	c.words("heading", s.Heading)
}

func (c *checker) omission(o *Omission) {
	c.part = "omissions"
	if o.Source == "" {
		c.add(Problem{Code: Missing, Field: "source"})
	}
	c.string("source", "", o.Source, MaxName)
	c.words("reason", o.Reason)
}

func (c *checker) err() error {
	if len(c.problems) == 0 {
		return nil
	}
	return c.problems
}

// Check tells, as [Problems], what keeps the document from being kept.
func (d *Document) Check() error {
	c := &checker{ids: map[string]bool{}, cited: map[CitationID]bool{}}
	if len(d.ID) > maxID || !goodID.MatchString(string(d.ID)) {
		c.add(Problem{Code: BadID, Limit: maxID})
	}
	if len(d.Kind) > maxID || !goodID.MatchString(d.Kind) {
		c.add(Problem{Code: BadKind})
	}
	c.lang("", d.Lang)
	c.part = "title"
	c.words("title", d.Title)
	blocks := 0
	for i := range d.Sections {
		c.section(&d.Sections[i])
		blocks += len(d.Sections[i].Blocks)
		if blocks > MaxBlocks {
			break // each of them is looked at only where they are a plausible number
		}
		for j := range d.Sections[i].Blocks {
			c.block(&d.Sections[i].Blocks[j])
		}
	}
	c.part = ""
	if blocks > MaxBlocks {
		c.add(Problem{Code: TooMany, Field: "blocks", Limit: MaxBlocks})
	}
	if len(d.Sections) > MaxSections {
		c.add(Problem{Code: TooMany, Field: "sections", Limit: MaxSections})
	}
	if len(d.Omissions) > MaxOmissions {
		c.add(Problem{Code: TooMany, Field: "omissions", Limit: MaxOmissions})
	}
	seen := map[string]bool{}
	for i := range d.Omissions {
		c.omission(&d.Omissions[i])
		if seen[d.Omissions[i].Source] {
			c.add(Problem{Code: DuplicateSource, Field: clip(d.Omissions[i].Source, 80)})
		}
		seen[d.Omissions[i].Source] = true
	}
	return c.err()
}

// clip cuts a string to at most n bytes at a whole character.
func clip(s string, n int) string {
	if len(s) <= n {
		return s
	}
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "…"
}

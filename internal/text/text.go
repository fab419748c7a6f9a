// Package text keeps the texts that people write together: a Chair's summary, a parallel report, a joint statement.
//
// A [Document] is sections of blocks, in several languages, whose points cite exact quotations. [Documents] keeps its
// draft, in which two people cannot overwrite each other, its versions, which never change, and what others say of it:
// suggestions, comments, signatures. What a text is about, who may do what with it and how it is published are rules of
// the rooms that use it. docs/formats/text.md is the published form.
package text

import (
	"cmp"
	"crypto/sha256"
	"encoding/base64"
	"slices"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/party"
)

// Names of what a document is made of. Ids of sections and blocks are one name space and never given twice.
type (
	DocumentID string
	SectionID  string
	BlockID    string
	CitationID string
)

// Document is a text at one moment.
type Document struct {
	ID DocumentID `json:"id"`
	// Kind is the word of the room whose document it is: "summary".
	Kind string `json:"kind"`
	// Lang is the language that it is written in; the others translate it.
	Lang  locale.Lang `json:"lang"`
	Title Words       `json:"title"`
	// Sample marks an exercise.
	Sample    bool       `json:"sample,omitempty"`
	Sections  []Section  `json:"sections"`
	Omissions []Omission `json:"omissions,omitempty"`
}

// Section is a part under one heading.
type Section struct {
	ID SectionID `json:"id"`
	// Topic is the need or theme that the section is about; empty for none.
	Topic   string  `json:"topic,omitempty"`
	Heading Words   `json:"heading,omitempty"`
	Blocks  []Block `json:"blocks"`
}

// BlockKind says what a block is to the reader.
type BlockKind string

// The kinds of blocks.
const (
	Paragraph      BlockKind = "paragraph"
	Point          BlockKind = "point"          // something that was said; it rests on quotations
	Recommendation BlockKind = "recommendation" // something that somebody should do
)

// Block is the smallest part that is owned, edited, cited and talked about on its own.
type Block struct {
	ID   BlockID   `json:"id"`
	Kind BlockKind `json:"kind"`
	// Topics are needs and themes that it belongs to besides that of its section.
	Topics []string `json:"topics,omitempty"`
	// Owner is who answers for it; empty for nobody.
	Owner     party.PersonID `json:"owner,omitempty"`
	Text      Words          `json:"text"`
	Citations []Citation     `json:"citations,omitempty"`
	// Asks is what a recommendation asks for.
	Asks *Asks `json:"asks,omitempty"`
}

// Asks says who should do something, how it is seen that it was done, and by when.
type Asks struct {
	Actor   Words `json:"actor,omitempty"`
	Measure Words `json:"measure,omitempty"`
	// Date is a day, a month or a year in ISO 8601.
	Date string `json:"date,omitempty"`
}

// Citation is a quotation that a block rests on.
type Citation struct {
	ID CitationID `json:"id"`
	// Entry is the entry of the public record that holds the source's text; Source is the subject whose text it is, or
	// the room's own name for it.
	Entry  ledger.ID `json:"entry,omitempty"`
	Source string    `json:"source"`
	// Version tells which state of the source is quoted.
	Version string      `json:"version,omitempty"`
	Lang    locale.Lang `json:"lang"`
	Quote   Selector    `json:"quote"`
}

// Selector names a passage by its words and, where they stand more than once, by those around it: the
// TextQuoteSelector of the W3C Web Annotation Data Model, section 4.2.4.
type Selector struct {
	Exact  string `json:"exact"`
	Prefix string `json:"prefix,omitempty"`
	Suffix string `json:"suffix,omitempty"`
}

// Omission says why a source is not reflected.
type Omission struct {
	Source string `json:"source"`
	Reason Words  `json:"reason"`
}

// Author is who writes: a person with an account, or somebody of whom a file gives only the name.
type Author struct {
	Person party.PersonID `json:"person,omitempty"`
	Name   string         `json:"name,omitempty"`
}

// Status says who stands behind a wording.
type Status string

// The statuses.
const (
	Official   Status = "official"
	Unofficial Status = "unofficial"
	Editors    Status = "editors"
	Machine    Status = "machine"
)

// Words are one text in several languages.
type Words map[locale.Lang]Wording

// Wording is a text in one language.
type Wording struct {
	Text   string `json:"text"`
	Status Status `json:"status"`
	// Of is the [Fingerprint] of the text that it translates, so that a translation that fell behind is seen. It is
	// empty in the document's own language.
	Of string `json:"of,omitempty"`
}

// Fingerprint names a text in 16 characters: the first 96 bits of its SHA-256 in base64url.
func Fingerprint(s string) string {
	sum := sha256.Sum256([]byte(s))
	return base64.RawURLEncoding.EncodeToString(sum[:12])
}

// In picks the wording for a reader: the language asked for, else the fallback, else the first by its tag.
func (w Words) In(lang, fallback locale.Lang) (Wording, locale.Lang) {
	for _, try := range []locale.Lang{lang, fallback} {
		if found, ok := w[try]; ok && found.Text != "" {
			return found, try
		}
	}
	for _, try := range w.Langs() {
		if w[try].Text != "" {
			return w[try], try
		}
	}
	return Wording{}, cmp.Or(lang, fallback)
}

// Langs lists the languages by their tags.
func (w Words) Langs() []locale.Lang {
	var all []locale.Lang
	for lang := range w {
		all = append(all, lang)
	}
	slices.Sort(all)
	return all
}

// Behind tells whether the wording in lang translates other words than those that stand in the language own.
func (w Words) Behind(lang, own locale.Lang) bool {
	return lang != own && w[lang].Text != "" && w[lang].Of != Fingerprint(w[own].Text)
}

// Block finds a block and the section that it stands in; nil where there is none.
func (d *Document) Block(id BlockID) (*Block, *Section) {
	for i := range d.Sections {
		s := &d.Sections[i]
		for j := range s.Blocks {
			if s.Blocks[j].ID == id {
				return &s.Blocks[j], s
			}
		}
	}
	return nil, nil
}

// Section finds a section; nil where there is none.
func (d *Document) Section(id SectionID) *Section {
	i := slices.IndexFunc(d.Sections, func(s Section) bool { return s.ID == id })
	if i < 0 {
		return nil
	}
	return &d.Sections[i]
}

// Each goes through all blocks in reading order.
func (d *Document) Each(yield func(*Section, *Block) bool) {
	for i := range d.Sections {
		s := &d.Sections[i]
		for j := range s.Blocks {
			if !yield(s, &s.Blocks[j]) {
				return
			}
		}
	}
}

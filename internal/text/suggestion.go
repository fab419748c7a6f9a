package text

import (
	"fmt"
	"slices"
	"time"

	"rostrum.example/internal/locale"
)

// SuggestionID names a suggestion.
type SuggestionID string

// SuggestionKind says what is suggested.
type SuggestionKind string

// The kinds of suggestions.
const (
	ToChange SuggestionKind = "change" // other words for a block, a heading or the title
	ToAdd    SuggestionKind = "add"    // another block
	ToRemove SuggestionKind = "remove" // a block less
	ToMove   SuggestionKind = "move"   // a block in another place
	ToUncite SuggestionKind = "uncite" // a citation less
	ToRecite SuggestionKind = "recite" // a citation in another block
)

// Decision says what became of a suggestion.
type Decision string

// The decisions.
const (
	Open     Decision = "open"
	Accepted Decision = "accepted"
	Rejected Decision = "rejected"
)

// Origin says by which way something came in.
type Origin string

// The origins.
const (
	FromPage Origin = "page"
	FromFile Origin = "file" // of a word processor
)

// TitlePart is the name of a document's title where sections and blocks are named by their ids.
const TitlePart = "title"

// Suggestion is a change that somebody proposes. Nothing changes before somebody accepts it.
type Suggestion struct {
	ID   SuggestionID   `json:"id"`
	Kind SuggestionKind `json:"kind"`
	// Version is what its author had before them; 0 for the draft.
	Version int `json:"version,omitempty"`
	// Part is the block, the section (its heading) or the title that it is about; empty where a block is to be added.
	Part string `json:"part,omitempty"`
	// Section and After say where a block is to stand: in the section, behind the first block of After that stands there,
	// and at the beginning where After is empty. A block that is added takes the id of its suggestion, so that one new
	// block can stand behind another.
	Section SectionID `json:"section,omitempty"`
	After   []BlockID `json:"after,omitempty"`
	// Citation is the one that is to go, or to go to the block To.
	Citation CitationID  `json:"citation,omitempty"`
	To       BlockID     `json:"to,omitempty"`
	Lang     locale.Lang `json:"lang,omitempty"`
	// Base are the words that the author had before them, and Text those that they propose.
	Base string `json:"base,omitempty"`
	Text string `json:"text,omitempty"`
	// Block is what kind of block is to be added.
	Block BlockKind `json:"block,omitempty"`
	// Note is why, in the author's words.
	Note   string `json:"note,omitempty"`
	Origin Origin `json:"origin"`
	// Untracked tells, of a change in a file, that the author's program did not record it: it was found by comparing,
	// and nobody says who made it.
	Untracked bool `json:"untracked,omitempty"`

	Author Author    `json:"author,omitzero"`
	At     time.Time `json:"at,omitzero"`
	Round  RoundID   `json:"round,omitempty"`

	Decision Decision  `json:"decision"`
	Decided  time.Time `json:"decided,omitzero"`
	Decider  Author    `json:"decider,omitzero"`
	// Reason is why it was rejected.
	Reason string `json:"reason,omitempty"`
}

// Redline shows what is proposed against what its author had before them.
func (s *Suggestion) Redline() Redline { return Diff(s.Base, s.Text) }

// Fit says whether a suggestion can still be carried out.
type Fit struct {
	// OK: it can, and Text is what the words become.
	OK   bool   `json:"ok"`
	Text string `json:"text,omitempty"`
	// Done: there is nothing left to do.
	Done bool `json:"done,omitempty"`
	// Gone: the part, or the place, that it is about is no longer there.
	Gone bool `json:"gone,omitempty"`
	// Current are the words of now; Clashes are where they and the suggestion change the same words of Base.
	Current string  `json:"current,omitempty"`
	Clashes []Clash `json:"clashes,omitempty"`
}

// Fit tells whether the suggestion fits the document as it is now, by merging what was suggested with what happened since.
func (s *Suggestion) Fit(d *Document) Fit {
	block, section := d.Block(BlockID(s.Part))
	switch s.Kind {
	case ToChange:
		w := wordsOf(d, s.Part)
		if w == nil {
			return Fit{Gone: true}
		}
		f := Fit{Current: (*w)[s.Lang].Text}
		if f.Current == s.Text {
			return Fit{OK: true, Done: true, Text: s.Text, Current: s.Text}
		}
		f.Text, f.Clashes = Merge(s.Base, f.Current, s.Text)
		f.OK = len(f.Clashes) == 0
		f.Done = f.OK && f.Text == f.Current
		return f
	case ToAdd:
		_, _, ok := s.place(d)
		return Fit{OK: ok, Gone: !ok, Text: s.Text}
	case ToRemove:
		if block == nil {
			return Fit{OK: true, Done: true, Gone: true}
		}
		f := Fit{Current: block.Text[s.Lang].Text}
		if f.OK = f.Current == s.Base; !f.OK {
			f.Clashes = []Clash{{Base: s.Base, Ours: f.Current}}
		}
		return f
	case ToMove:
		_, before, ok := s.place(d)
		if block == nil || !ok {
			return Fit{Gone: true}
		}
		return Fit{OK: true, Done: section.ID == s.Section && follower(section, block.ID) == before}
	case ToUncite, ToRecite:
		if to, _ := d.Block(s.To); block == nil || s.Kind == ToRecite && to == nil {
			return Fit{Gone: true}
		}
		if !slices.ContainsFunc(block.Citations, func(q Citation) bool { return q.ID == s.Citation }) {
			return Fit{OK: s.Kind == ToUncite, Done: s.Kind == ToUncite, Gone: true}
		}
		return Fit{OK: true}
	}
	return Fit{Gone: true}
}

// wordsOf gives the words of a part; nil where it is not there.
func wordsOf(d *Document, part string) *Words {
	if part == TitlePart {
		return &d.Title
	}
	if s := d.Section(SectionID(part)); s != nil {
		return &s.Heading
	}
	if b, _ := d.Block(BlockID(part)); b != nil {
		return &b.Text
	}
	return nil
}

// place gives the section that a block is to stand in and the block that it is to stand before, empty for the end. Where
// all the blocks have gone that it could stand behind, so has its place.
func (s *Suggestion) place(d *Document) (section *Section, before BlockID, ok bool) {
	if section = d.Section(s.Section); section == nil {
		return nil, "", false
	}
	next := func(at int) BlockID {
		for ; at < len(section.Blocks); at++ {
			if id := section.Blocks[at].ID; string(id) != s.Part { // a block does not stand in its own way
				return id
			}
		}
		return ""
	}
	if len(s.After) == 0 {
		return section, next(0), true
	}
	for _, after := range s.After {
		if i := slices.IndexFunc(section.Blocks, func(b Block) bool { return b.ID == after }); i >= 0 {
			return section, next(i + 1), true
		}
	}
	return nil, "", false
}

// follower gives the block behind another; empty at the end.
func follower(s *Section, id BlockID) BlockID {
	if i := slices.IndexFunc(s.Blocks, func(b Block) bool { return b.ID == id }) + 1; i > 0 && i < len(s.Blocks) {
		return s.Blocks[i].ID
	}
	return ""
}

// check holds a suggestion that comes from outside to the limits of what it may become.
func (s *Suggestion) check() error {
	c := &checker{part: s.Part}
	switch s.Kind {
	case ToChange, ToAdd, ToRemove, ToMove, ToUncite, ToRecite:
	default:
		c.add(Problem{Code: BadKind})
	}
	switch s.Block {
	case Paragraph, Point, Recommendation:
	default:
		if s.Kind == ToAdd {
			c.add(Problem{Code: BadKind, Field: "block"})
		}
	}
	if s.Kind == ToChange || s.Kind == ToAdd {
		c.lang("text", s.Lang)
	}
	for name, id := range map[string]string{"part": s.Part, "section": string(s.Section), "citation": string(s.Citation), "to": string(s.To)} {
		if id != "" && (len(id) > maxID || !goodID.MatchString(id)) {
			c.add(Problem{Code: BadID, Field: name, Limit: maxID})
		}
	}
	if len(s.After) > MaxBlocks {
		c.add(Problem{Code: TooMany, Field: "after", Limit: MaxBlocks})
	}
	for _, id := range s.After {
		if len(id) > maxID || !goodID.MatchString(string(id)) {
			c.add(Problem{Code: BadID, Field: "after", Limit: maxID})
			break
		}
	}
	c.string("base", s.Lang, s.Base, MaxText)
	c.string("text", s.Lang, s.Text, MaxText)
	c.string("note", "", s.Note, MaxText)
	c.string("author", "", s.Author.Name, MaxName)
	return c.err()
}

// Misfit says that a suggestion no longer fits. Nothing was done; both sides are in Fit.
type Misfit struct {
	Suggestion Suggestion
	Fit        Fit
}

func (m *Misfit) Error() string {
	if m.Fit.Gone {
		return fmt.Sprintf("suggestion %s: what it is about is no longer there", m.Suggestion.ID)
	}
	return fmt.Sprintf("suggestion %s: the same words have been changed since it was made", m.Suggestion.ID)
}

package text

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"rostrum.example/format/docx"
)

// What a file that came back holds beside suggestions and comments.
const (
	StampLost       Code = "stamp_lost"       // it does not say which document it is; its paragraphs were known
	NewParagraph    Code = "new_paragraph"    // it stands before the first section
	NewHeading      Code = "new_heading"      // another section
	HeadingRemoved  Code = "heading_removed"  // of a section, or the title
	AnchorLost      Code = "anchor_lost"      // a paragraph was known by its words alone
	AnchorDouble    Code = "anchor_double"    // a paragraph is there twice; this is the copy
	BlocksJoined    Code = "blocks_joined"    // two paragraphs were made one
	SectionMoved    Code = "section_moved"    // a heading stands elsewhere
	StaticChanged   Code = "static_changed"   // a line that belongs to no part, such as what a recommendation asks for
	FootnoteAdded   Code = "footnote_added"   // citations are made here, not in the file
	FootnoteChanged Code = "footnote_changed" // a quotation stays as it is in the record
	CommentUnplaced Code = "comment_unplaced" // taken in as a comment on the document as a whole
	ThreadResolved  Code = "thread_resolved"  // somebody settled a thread in the file
	DeletesProposal Code = "deletes_proposal" // somebody deleted what somebody else had inserted in the file
	TextTooLong     Code = "text_too_long"
)

// Unplaced is something in a file that became no suggestion and no comment, or only with a remark.
type Unplaced struct {
	Code Code `json:"code"`
	// Part is the part that it is about, or stands behind.
	Part string `json:"part,omitempty"`
	// Text is what stands there.
	Text   string    `json:"text,omitempty"`
	Author string    `json:"author,omitempty"`
	At     time.Time `json:"at,omitzero"`
	// Thread is set for what is about a comment, Citation for what is about a footnote.
	Thread   CommentID  `json:"thread,omitempty"`
	Citation CitationID `json:"citation,omitempty"`
}

// Returned is what people proposed in a file. Nothing of it has been done.
type Returned struct {
	Suggestions []Suggestion
	Comments    []Comment
	Unplaced    []Unplaced
	// Notices are what the reader of the file left out.
	Notices []docx.Problem
}

// TakeBack reads what people did to a file since it left: e is the export as it left. Tracked changes become suggestions
// of their authors; what was changed without tracking is found by comparing and becomes suggestions of nobody; new
// comments become comments. What does not fit is listed in Unplaced. A file that was made from another document, version
// or language gives a [*WrongFileError]: its Found says what to export to read it. The same file always gives the same
// suggestions with the same ids, so handing it in twice adds nothing.
func (e *Export) TakeBack(back *docx.Document) (*Returned, error) {
	want := FileStamp{Document: e.document.ID, Version: e.options.Version, Lang: e.options.Lang, Translate: e.options.Translate}
	found, marked := Identify(back)
	if marked && found != want {
		return nil, &WrongFileError{Found: found, Marked: true, Want: want}
	}
	t := &taking{Export: e, back: back, out: &Returned{Notices: slices.Clone(back.Notices)}, ids: map[string]int{}}
	t.order, t.ranks, t.originals = t.reading(), map[string]int{}, map[string]string{}
	for i, id := range t.order {
		t.ranks[id] = i
	}
	t.read()
	if !marked {
		if !slices.ContainsFunc(t.lines, func(l *line) bool { return len(l.known) > 0 }) {
			return nil, &WrongFileError{Want: want}
		}
		t.list(Unplaced{Code: StampLost})
	}
	t.assign()
	for _, id := range t.order {
		t.changed(id)
	}
	t.arranged()
	t.cited()
	t.commented()
	return t.out, nil
}

// taking is a file being read.
type taking struct {
	*Export

	back  *docx.Document
	out   *Returned
	lines []*line
	// owned are the lines of each part, in their order.
	owned   map[string][]*line
	added   []*line
	removed []*Suggestion
	// moves are the added lines that are a removed block, which only stands elsewhere.
	moves map[*line]*Suggestion
	// order are the parts as they left, ranks their places in it, originals their words without tracked changes.
	order     []string
	ranks     map[string]int
	originals map[string]string
	ids       map[string]int
	work      int // bytes compared where a file could ask for much
}

// line is a paragraph of the file that came back.
type line struct {
	p *docx.Paragraph
	// known are the parts whose anchors it has; part is the one that it belongs to, empty for none. shared are the parts
	// whose words it holds, where they are several, in reading order.
	known  []string
	part   string
	shared []string
	added  bool // it belongs to no part, and not to the paragraphs around them
	// fresh: all of it was inserted, with tracking.
	fresh bool
}

func (t *taking) list(u Unplaced) {
	u.Text = clip(strip(u.Text), MaxText)
	u.Author = clip(strip(u.Author), MaxName)
	t.out.Unplaced = append(t.out.Unplaced, u)
}

// strip leaves out characters that a wording cannot hold.
func strip(s string) string {
	return strings.Map(func(c rune) rune {
		if bad(c) {
			return -1
		}
		return c
	}, strings.ToValidUTF8(s, "\ufffd"))
}

// suggest keeps a suggestion with an id that is made of what it says.
func (t *taking) suggest(s Suggestion) SuggestionID {
	s.Version, s.Origin, s.Decision = t.options.Version, FromFile, Open
	s.Author.Name = clip(s.Author.Name, MaxName-4)
	if len(s.Text) > MaxText {
		t.list(Unplaced{Code: TextTooLong, Part: s.Part, Text: s.Text, Author: s.Author.Name, At: s.At})
		return ""
	}
	s.ID = SuggestionID(t.id(s))
	t.out.Suggestions = append(t.out.Suggestions, s)
	return s.ID
}

// id names something by all that it says; equal things are counted.
func (t *taking) id(v any) string {
	body, err := json.Marshal(v)
	if err != nil {
		panic(err) // plain values
	}
	sum := sha256.Sum256(append([]byte(t.document.ID+"\n"), body...))
	id := hex.EncodeToString(sum[:13])
	if t.ids[id]++; t.ids[id] > 1 {
		sum = sha256.Sum256(fmt.Appendf(sum[:], "%d", t.ids[id]))
		id = hex.EncodeToString(sum[:13])
	}
	return id
}

// read goes through the paragraphs of the file.
func (t *taking) read() {
	for p := range t.back.Paragraphs() {
		l := &line{p: p}
		for _, a := range p.Anchors {
			if _, ok := t.parts[a]; ok {
				l.known = append(l.known, a)
			}
		}
		slices.SortFunc(l.known, func(a, b string) int { return t.ranks[a] - t.ranks[b] })
		original, accepted := p.Text(docx.Original), p.Text(docx.Accepted)
		l.fresh = strings.TrimSpace(original) == "" && slices.ContainsFunc(p.Runs, func(r docx.Run) bool { return r.Inserted != nil && r.Text != "" })
		if strings.TrimSpace(original) != "" || strings.TrimSpace(accepted) != "" || len(l.known) > 0 || l.fresh {
			t.lines = append(t.lines, l)
		}
	}
}

// original is the text of a line without tracked changes.
func (l *line) original() string { return strip(l.p.Text(docx.Original)) }

// assign finds the part of each line.
func (t *taking) assign() {
	t.owned = map[string][]*line{}
	give := func(l *line, part string) {
		l.part = part
		t.owned[part] = append(t.owned[part], l)
	}
	var loose []*line
	var before *line // the last line that is not fresh
	chained := false // every end of a paragraph since was inserted, so that they were one
	for _, l := range t.lines {
		continued := chained && before.part != ""
		switch {
		case l.fresh && !t.emptyPart(l):
			loose = append(loose, l)
			chained = chained && l.p.Inserted != nil
			continue
		case slices.ContainsFunc(l.known, func(id string) bool { return t.owned[id] == nil }):
			for _, id := range l.known {
				if t.owned[id] == nil {
					give(l, id)
					l.shared = append(l.shared, id)
				}
			}
			l.part = l.shared[0]
		case continued && (len(l.known) == 0 || l.known[0] == before.part):
			give(l, before.part) // a paragraph that was divided with tracking
		case len(l.known) > 0 && before != nil && before.part == l.known[0] && t.divided(before.part, l):
			give(l, l.known[0])
		case len(l.known) == 0 && before != nil && before.part != "" && t.divided(before.part, l):
			give(l, before.part)
		default:
			loose = append(loose, l)
		}
		before, chained = l, l.p.Inserted != nil
	}
	t.place(loose)
}

// emptyPart tells whether a line that is all inserted fills a part that had no words in the file.
func (t *taking) emptyPart(l *line) bool {
	return len(l.known) == 1 && t.parts[l.known[0]].shown == "" && t.owned[l.known[0]] == nil
}

// divided tells whether a line is the rest of a part that was divided: most of its words are among those that the lines
// of the part no longer have.
func (t *taking) divided(part string, l *line) bool {
	size := len(t.parts[part].shown) + len(l.original())
	for _, o := range t.owned[part] {
		size += len(o.original())
	}
	if !t.may(size) {
		return false
	}
	missing := map[string]int{}
	for _, w := range wordList(t.parts[part].shown) {
		missing[w]++
	}
	for _, o := range t.owned[part] {
		for _, w := range wordList(o.original()) {
			missing[w]--
		}
	}
	hits := 0
	all := wordList(l.original())
	for _, w := range all {
		if missing[w] > 0 {
			missing[w]--
			hits++
		}
	}
	return 2*hits > len(all)
}

// maxWork is how many bytes are compared in all where a file could ask for much.
const maxWork = 1 << 24

func (t *taking) may(n int) bool {
	t.work += n
	return t.work <= maxWork
}

func wordList(s string) (all []string) {
	for s != "" {
		n, k := next(s)
		if k == word {
			all = append(all, s[:n])
		}
		s = s[n:]
	}
	return all
}

// place deals with the lines that no anchor places: lines that belong to no part, parts whose anchor was lost, copies,
// and new paragraphs.
func (t *taking) place(loose []*line) {
	static := map[string]int{} // paragraphs of the export that belong to no part
	for p := range t.File.Paragraphs() {
		if len(p.Anchors) == 0 {
			if s := strip(p.Text(docx.Accepted)); strings.TrimSpace(s) != "" {
				static[fold(s).text]++
			}
		}
	}
	var lost []string // parts that no line has
	byText := map[string]string{}
	for _, id := range t.order {
		if t.owned[id] == nil && t.parts[id].shown != "" {
			lost = append(lost, id)
			byText[fold(t.parts[id].shown).text] = id
		}
	}
	var added []*line
	for _, l := range loose {
		text := fold(l.original()).text
		switch {
		case !l.fresh && static[text] > 0:
			static[text]--
			continue
		case !l.fresh && byText[text] != "" && t.owned[byText[text]] == nil:
			t.found(l, byText[text])
			continue
		}
		if !l.fresh && len(l.known) == 0 {
			best, at := 0.5, ""
			for _, id := range lost {
				if t.owned[id] == nil && t.may(len(t.parts[id].shown)+len(text)) {
					if n := alike(t.parts[id].shown, l.original()); n > best {
						best, at = n, id
					}
				}
			}
			if at != "" {
				t.found(l, at)
				continue
			}
		}
		l.added = true
		added = append(added, l)
	}
	for _, text := range slices.Sorted(maps.Keys(static)) {
		if static[text] > 0 { // it is gone, or stands there otherwise
			t.list(Unplaced{Code: StaticChanged, Text: text})
		}
	}
	t.added = added
}

// found gives a line whose anchor was lost to the part that it was known by.
func (t *taking) found(l *line, part string) {
	l.part = part
	t.owned[part] = []*line{l}
	t.list(Unplaced{Code: AnchorLost, Part: part, Text: l.original()})
}

// alike gives the share of words that two texts have in common.
func alike(a, b string) float64 {
	bag := map[string]int{}
	one, two := wordList(a), wordList(b)
	for _, w := range one {
		bag[w]++
	}
	common := 0
	for _, w := range two {
		if bag[w] > 0 {
			bag[w]--
			common++
		}
	}
	return 2 * float64(common) / float64(max(1, len(one)+len(two)))
}

// reading lists the parts in the order of the document.
func (t *taking) reading() []string {
	all := []string{TitlePart}
	for _, p := range parts(t.document) {
		all = append(all, p.id)
	}
	return all
}

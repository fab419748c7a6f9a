// Package dialogue is the wing for constructive dialogues: what was raised, what was said about it in later
// years, and what became of it.
//
// The published record of a dialogue consists of items: the dialogue itself, its counts, points,
// recommendations, public statements, topics, notes, the links that editors draw between years, and what is
// known of a point's fate. Each version of an item is an entry of the public record, so each can be cited
// and checked by itself.
package dialogue

import (
	"cmp"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
)

// ID names a dialogue: "som-2022".
type ID string

// ItemID names an item within its dialogue: "data-and-evidence".
type ItemID string

// Ref names an item everywhere: "som-2022/data-and-evidence".
type Ref struct {
	Dialogue ID
	Item     ItemID
}

func (r Ref) String() string { return string(r.Dialogue) + "/" + string(r.Item) }

// ParseRef reads "som-2022/data-and-evidence".
func ParseRef(s string) (Ref, error) {
	d, i, ok := strings.Cut(s, "/")
	if !ok || d == "" || i == "" || strings.Contains(i, "/") {
		return Ref{}, fmt.Errorf("%q does not name an item; write dialogue/item", s)
	}
	return Ref{ID(d), ItemID(i)}, nil
}

// Kind says what an item is.
type Kind string

// The kinds of items, in the order in which a dialogue's page shows them.
const (
	Opening        Kind = "dialogue"       // the dialogue itself: date, chairs, working groups
	Count          Kind = "count"          // one published figure with its definition
	Point          Kind = "point"          // a point of the Chair's summary or of the discussion
	Recommendation Kind = "recommendation" // what was reported as recommended
	Statement      Kind = "statement"      // what somebody said in public, as a gist
	Topic          Kind = "topic"          // a topic of a panel
	Question       Kind = "question"       // a guiding question
	TourDeTable    Kind = "tour-de-table"  // a standing item of the tour de table
	Note           Kind = "note"           // what else is known of the day
	Link           Kind = "link"           // an editor's link from a later dialogue to an earlier item
	Fate           Kind = "fate"           // what is known of what became of a point
)

// Kinds lists the kinds in their order.
var Kinds = []Kind{Opening, Count, Point, Recommendation, Statement, Topic, Question, TourDeTable, Note, Link, Fate}

// Words are one text in several languages, by language tag.
type Words map[locale.Lang]Wording

// Wording is a text in one language, with who stands behind it: editors (our own words), official, reviewed,
// or machine.
type Wording struct {
	Text   string `json:"text"`
	Status string `json:"status"`
}

// In picks the wording for a reader, and falls back to English.
func (w Words) In(l locale.Lang) (Wording, locale.Lang) {
	for _, try := range []locale.Lang{l, locale.English} {
		if found, ok := w[try]; ok {
			return found, try
		}
	}
	for _, any := range locale.Langs {
		if found, ok := w[any]; ok {
			return found, any
		}
	}
	return Wording{}, l
}

// Citation points from an item to a source.
type Citation struct {
	Source string `json:"source"`
	URL    string `json:"url,omitempty"`
}

// Chair is a person who chaired in public.
type Chair struct {
	ID      string     `json:"id"`
	Name    string     `json:"name"`
	Country string     `json:"country"`
	Role    string     `json:"role"`
	Sources []Citation `json:"sources"`
}

// Speaker is a person or organisation that spoke in public.
type Speaker struct {
	Who          string `json:"who,omitempty"`
	Organisation string `json:"organisation,omitempty"`
	Role         Words  `json:"role,omitempty"`
}

// Session is a session of a working group after which the dialogue was held.
type Session struct {
	WorkingGroup string     `json:"working_group"`
	Session      int        `json:"session,omitempty"`
	From         string     `json:"from,omitempty"`
	To           string     `json:"to,omitempty"`
	Text         Words      `json:"text,omitempty"`
	Sources      []Citation `json:"sources"`
}

// Place is where a trace was looked for: a source, or a description.
type Place struct {
	Source string `json:"source,omitempty"`
	Text   Words  `json:"text,omitempty"`
}

// Language is a language of a dialogue's texts and the status that they have in it.
type Language struct {
	Lang   locale.Lang `json:"lang"`
	Status string      `json:"status"`
}

// Item is one citable piece of a dialogue. Its JSON is the text that the public record commits to; fields
// that a kind does not have are left out.
type Item struct {
	Dialogue ID     `json:"dialogue"`
	ID       ItemID `json:"id"`
	Kind     Kind   `json:"kind"`
	Version  int    `json:"version"`
	// Text says it in words: the title of a dialogue, the definition of a count, the reason of a link, and of
	// all others the gist, in our own words, which cannot be quoted.
	Text Words  `json:"text,omitempty"`
	Need string `json:"need,omitempty"` // where the editors sort it

	*Held    `json:",omitempty"` // of a dialogue
	*Figured `json:",omitempty"` // of a count
	*Pointed `json:",omitempty"` // of a point
	*Linked  `json:",omitempty"` // of a link
	*Fated   `json:",omitempty"` // of a fate
	Speaker  *Speaker            `json:"speaker,omitempty"` // of a statement

	Sources []Citation `json:"sources,omitempty"`

	// Entry is the item's newest entry in the public record; Position its place within the dialogue.
	Entry    ledger.ID `json:"-"`
	Position int       `json:"-"`
}

// Held is what a dialogue has beside its title.
type Held struct {
	Mechanism     string     `json:"mechanism"`
	Languages     []Language `json:"languages"`
	WorkingGroups []string   `json:"working_groups"`
	Number        int        `json:"number"`
	NumberBasis   string     `json:"number_basis"` // read, or inferred by the editors
	Date          string     `json:"date"`         // a day or a month
	Follows       []Session  `json:"follows,omitempty"`
	Chairs        []Chair    `json:"chairs,omitempty"`
	Needs         []string   `json:"needs,omitempty"`
}

// Figured is what a count has beside its definition.
type Figured struct {
	CountKind string   `json:"count_kind"`
	Of        string   `json:"of"`
	Scope     string   `json:"scope"` // dialogue, or day for all dialogues of the same day together
	Figure    int      `json:"figure"`
	Bound     string   `json:"bound"` // exactly, or more_than
	SumOf     []ItemID `json:"sum_of,omitempty"`
}

// Pointed is what a point has beside its text.
type Pointed struct {
	Main        bool   `json:"main"`     // a main point of the Chair's summary
	RestsOn     string `json:"rests_on"` // published, or not_published
	RestsOnText Words  `json:"rests_on_text"`
}

// Linked is what a link has beside its reason: Item, of the link's own dialogue, takes up the item TakesUp.
type Linked struct {
	Item     ItemID `json:"item"`
	TakesUp  string `json:"takes_up"`
	Relation string `json:"relation"`
	DrawnBy  string `json:"drawn_by"`
	DrawnOn  string `json:"drawn_on"`
}

// Fated is what is known of what became of the item About, as told by one side.
type Fated struct {
	About    string  `json:"about"`
	ToldBy   string  `json:"told_by"` // states, stakeholders, working_group
	Status   string  `json:"status"`  // no_public_trace, or reported
	LookedIn []Place `json:"looked_in,omitempty"`
	LookedOn string  `json:"looked_on,omitempty"`
}

// Ref is the item's name.
func (it *Item) Ref() Ref { return Ref{it.Dialogue, it.ID} }

// Subject is what the item is called in the public record.
func (it *Item) Subject() string {
	if it.Kind == Opening {
		return "dialogue/" + string(it.Dialogue)
	}
	return "dialogue/" + strings.ReplaceAll(it.Ref().String(), ".", "/")
}

// Body is the text that the public record commits to.
func (it *Item) Body() ([]byte, error) { return json.Marshal(it) }

// SameAs tells whether two versions say the same.
func (it *Item) SameAs(other *Item) bool {
	a, b := *it, *other
	a.Version, b.Version = 0, 0
	x, errX := a.Body()
	y, errY := b.Body()
	return errX == nil && errY == nil && string(x) == string(y)
}

// Source is a public page or document that the record rests on.
type Source struct {
	ID        string `json:"id"`
	Version   int    `json:"version"`
	Title     string `json:"title"` // as printed; in square brackets where the editors supply it
	Publisher string `json:"publisher"`
	URL       string `json:"url"`
	Date      string `json:"date,omitempty"`
	Read      string `json:"read"` // how much of it the editors have read: full, part or not_read
	Kind      string `json:"kind"` // primary, mirror or secondary

	Entry ledger.ID `json:"-"`
}

// Subject is what the source is called in the public record.
func (s *Source) Subject() string { return "source/" + strings.ReplaceAll(s.ID, "_", "-") }

// SameAs tells whether two versions say the same.
func (s *Source) SameAs(other *Source) bool {
	a, b := *s, *other
	a.Version, b.Version, a.Entry, b.Entry = 0, 0, "", ""
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// Dialogue is a dialogue with its items in their order.
type Dialogue struct {
	Opening *Item
	Items   []*Item
}

// ID is the dialogue's name.
func (d *Dialogue) ID() ID { return d.Opening.Dialogue }

// Date is the day or month on which it was held.
func (d *Dialogue) Date() locale.Date {
	date, _ := locale.ParseDate(d.Opening.Date) // was checked when the file was read
	return date
}

// Of gives the items of a kind.
func (d *Dialogue) Of(kind Kind) []*Item {
	var found []*Item
	for _, it := range d.Items {
		if it.Kind == kind {
			found = append(found, it)
		}
	}
	return found
}

// Item finds an item by its name.
func (d *Dialogue) Item(id ItemID) (*Item, bool) {
	i := slices.IndexFunc(d.Items, func(it *Item) bool { return it.ID == id })
	if i < 0 {
		return nil, false
	}
	return d.Items[i], true
}

// MainPoints are the main points of the Chair's summary, in its order.
func (d *Dialogue) MainPoints() []*Item {
	return slices.DeleteFunc(d.Of(Point), func(it *Item) bool { return !it.Main })
}

// headcount is how many took part, in short: the counts of a sum, or where no figure is a sum, all that are
// about this dialogue alone.
func (d *Dialogue) headcount() []*Item {
	var summed, alone []*Item
	for _, it := range d.Of(Count) {
		part := len(it.SumOf) > 0
		for _, other := range d.Of(Count) {
			part = part || slices.Contains(other.SumOf, it.ID)
		}
		if part {
			summed = append(summed, it)
		}
		if it.Scope == "dialogue" {
			alone = append(alone, it)
		}
	}
	if len(summed) > 0 {
		return summed
	}
	return alone
}

// shares tells whether two dialogues belong to the same working group.
func (d *Dialogue) shares(other *Dialogue) bool {
	return slices.ContainsFunc(d.Opening.WorkingGroups, func(g string) bool {
		return slices.Contains(other.Opening.WorkingGroups, g)
	})
}

// byDate orders dialogues from the oldest; those of one day by name.
func byDate(a, b *Dialogue) int {
	return cmp.Or(strings.Compare(a.Opening.Date, b.Opening.Date), strings.Compare(string(a.ID()), string(b.ID())))
}

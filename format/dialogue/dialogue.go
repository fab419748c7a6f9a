// Package dialogue reads, checks and writes dialogue files: the public record
// of one constructive dialogue. A file holds who chaired, how many took part
// and by which definition, which points were made, what they rest on, what
// became of them, and how a later dialogue took up what an earlier one said.
//
// Every text in a dialogue file is a gist in the words of its editors. It can
// be cited, and it cannot be quoted. A link between two dialogues is drawn by
// the editors, says so, and gives its reason.
//
// The format is specified in docs/formats/dialogue.md.
package dialogue

import (
	"io"

	"rostrum.example/format/internal/place"
)

// Format is the first field of every file.
const Format = "rostrum-dialogue/1"

// MaxBytes is the size of the largest file that is read.
const MaxBytes = place.MaxBytes

// Values that this format shares with the mechanism format.
type (
	// Text is a text in one or more languages, in file order. Its method In
	// gives the one in the reader's language.
	Text = place.Text
	// Words is a text in one language, with the status of that text where it
	// differs from the status of the language.
	Words = place.Words
	// Languages are the languages of a file with the status of their texts.
	Languages = place.Languages
	// Language is one of them.
	Language = place.Language
	// Status says who answers for a text: official, editors, reviewed or machine.
	Status = place.Status
	// Source is a public page or document that a file rests on.
	Source = place.Source
	// Reading says how much of a source the editors have read.
	Reading = place.Reading
	// SourceKind says what a source is to what it tells.
	SourceKind = place.SourceKind
	// Date is a day, "2022-07-01", or a month, "2024-07".
	Date = place.Date

	// Problem is one thing that is wrong with a file: its place, a stable
	// code with arguments, a sentence in English and the next step.
	Problem = place.Problem
	// Problems is all that is wrong, in file order, 100 at most. It is the
	// type of every error that Check returns and that Read returns for a file
	// that could be fetched.
	Problems = place.Problems
	// Code names a kind of problem.
	Code = place.Code
)

// How much of a source the editors have read.
const (
	ReadFull = place.ReadFull
	ReadPart = place.ReadPart
	NotRead  = place.NotRead
)

// What a source is to what it tells.
const (
	Primary   = place.Primary
	Mirror    = place.Mirror
	Secondary = place.Secondary
)

// Codes lists the codes of all problems of both formats, sorted.
func Codes() []Code { return place.Codes() }

// Vocabulary lists the stable words that the arguments of problems may hold,
// sorted. A catalogue of another language translates them with the codes.
func Vocabulary() []string { return place.Vocabulary() }

// File is the record of one dialogue.
type File struct {
	Format        string    `json:"format"`
	ID            string    `json:"id"`
	Mechanism     string    `json:"mechanism"` // id of the preset
	Languages     Languages `json:"languages"`
	Quotable      bool      `json:"quotable"` // always false in this version
	Title         Text      `json:"title"`
	WorkingGroups []string  `json:"working_groups"` // ids of the preset, one or two
	Number        Number    `json:"number"`
	Date          Date      `json:"date"`

	Follows         []Session        `json:"follows,omitempty"`
	Chairs          []Chair          `json:"chairs,omitempty"`
	Needs           []string         `json:"needs,omitempty"` // ids of the preset: the needs this dialogue named
	Counts          []Count          `json:"counts,omitempty"`
	Points          []Point          `json:"points,omitempty"`
	Recommendations []Recommendation `json:"recommendations,omitempty"`
	Statements      []Statement      `json:"statements,omitempty"`
	Topics          []Item           `json:"topics,omitempty"`
	Questions       []Item           `json:"guiding_questions,omitempty"`
	TourDeTable     []Item           `json:"tour_de_table,omitempty"`
	Notes           []Item           `json:"notes,omitempty"`
	Links           []Link           `json:"links,omitempty"`
	Sources         []Source         `json:"sources"`

	// Path is the name of the file in messages. Read takes it from the
	// reader, where that has a method Name, as *os.File has; the caller may
	// set it. Without it messages name the dialogue.
	Path string `json:"-"`

	doc *place.Document // where everything stood when it was read
}

// NumberBasis says how the number of a dialogue is known.
type NumberBasis string

// The bases of a number.
const (
	NumberRead     NumberBasis = "read"     // a source gives it
	NumberInferred NumberBasis = "inferred" // counted on from an earlier dialogue by the editors
)

// Number is which dialogue of its working group this is.
type Number struct {
	Value int         `json:"value"` // from 1
	Basis NumberBasis `json:"basis"`
}

// Session is a session of a working group that the dialogue follows.
type Session struct {
	WorkingGroup string   `json:"working_group"`     // id of the preset
	Session      int      `json:"session,omitempty"` // its number; 0 where it is not known
	From         Date     `json:"from,omitempty"`
	To           Date     `json:"to,omitempty"`
	Text         Text     `json:"text,omitempty"`
	Sources      []string `json:"sources"`
}

// ChairRole is the part a person had in the chair.
type ChairRole string

// The parts.
const (
	SoleChair ChairRole = "chair"
	CoChair   ChairRole = "co_chair"
)

// Chair is a person who chaired in public.
type Chair struct {
	ID      string    `json:"id"`
	Name    string    `json:"name"`
	Country string    `json:"country"` // ISO 3166-1 alpha-2
	Role    ChairRole `json:"role"`
	Sources []string  `json:"sources"`
}

// Bound says how a number is meant.
type Bound string

// The bounds.
const (
	Exactly  Bound = "exactly"
	MoreThan Bound = "more_than"
)

// Scope says what occasion a count is about.
type Scope string

// The scopes.
const (
	ThisDialogue Scope = "dialogue" // this dialogue alone
	WholeDay     Scope = "day"      // all dialogues of the same day together
)

// Count is a published figure, with what it counts.
type Count struct {
	ID         string   `json:"id"`
	Kind       string   `json:"kind"` // id of a count kind of the preset
	Of         string   `json:"of"`   // id of a count subject of the preset
	Scope      Scope    `json:"scope"`
	Number     int      `json:"number"` // 0 or more
	Bound      Bound    `json:"bound"`
	Definition Text     `json:"definition"` // what this figure counts, as far as the source says
	SumOf      []string `json:"sum_of,omitempty"`
	Sources    []string `json:"sources"`
}

// PointKind says what a point is in the summary it comes from.
type PointKind string

// The kinds of points.
const (
	MainPoint  PointKind = "main_point" // one of the main points of the Chair's summary, as reported
	OtherPoint PointKind = "point"
)

// Point is something the dialogue held.
type Point struct {
	ID      string    `json:"id"`
	Kind    PointKind `json:"kind"`
	Need    string    `json:"need,omitempty"` // id of the preset: where the editors sort it
	Text    Text      `json:"text"`
	RestsOn RestsOn   `json:"rests_on"`
	Fates   []Fate    `json:"fates,omitempty"`
	Sources []string  `json:"sources"`
}

// RestsOnStatus says whether the words under a point are public.
type RestsOnStatus string

// The statuses.
const (
	NotPublished RestsOnStatus = "not_published"
	Published    RestsOnStatus = "published"
)

// RestsOn is what was said that led to a point.
type RestsOn struct {
	Status RestsOnStatus `json:"status"`
	Text   Text          `json:"text"`
}

// Actor is who is asked what became of a point.
type Actor string

// The actors.
const (
	States          Actor = "states"
	StakeholderSide Actor = "stakeholders"
	WorkingGroup    Actor = "working_group"
)

// FateStatus is what is known of a fate. There is no word for "pending":
// nobody owes an answer.
type FateStatus string

// The statuses.
const (
	NoPublicTrace FateStatus = "no_public_trace"
	Reported      FateStatus = "reported"
)

// Fate is what became of a point or a recommendation, from one side.
type Fate struct {
	By       Actor      `json:"by"`
	Status   FateStatus `json:"status"`
	Text     Text       `json:"text"`
	LookedIn []LookedIn `json:"looked_in,omitempty"` // where a trace was looked for
	LookedOn Date       `json:"looked_on,omitempty"` // when
	Sources  []string   `json:"sources,omitempty"`   // of what is reported
}

// LookedIn is a place where a trace was looked for: a source of the file, or
// a description.
type LookedIn struct {
	Source string `json:"source,omitempty"`
	Text   Text   `json:"text,omitempty"`
}

// Recommendation is what was recommended in the dialogue, as reported.
type Recommendation struct {
	ID      string   `json:"id"`
	Need    string   `json:"need,omitempty"`
	Text    Text     `json:"text"`
	Fates   []Fate   `json:"fates,omitempty"`
	Sources []string `json:"sources"`
}

// Statement is the gist of what somebody said in public.
type Statement struct {
	ID           string   `json:"id"`
	Who          string   `json:"who,omitempty"` // a person who spoke in public; empty for an organisation alone
	Organisation string   `json:"organisation,omitempty"`
	Role         Text     `json:"role,omitempty"`
	Need         string   `json:"need,omitempty"`
	Text         Text     `json:"text"`
	Sources      []string `json:"sources"`
}

// Item is a topic, a guiding question, an item of the tour de table, or a note.
type Item struct {
	ID      string   `json:"id"`
	Need    string   `json:"need,omitempty"`
	Text    Text     `json:"text"`
	Sources []string `json:"sources"`
}

// Relation is how a later item stands to an earlier one.
type Relation string

// The relations.
const (
	TakenUp     Relation = "taken_up"     // the later dialogue deals with the same matter
	AskedAgain  Relation = "asked_again"  // the later dialogue asks for the same once more
	EvidenceFor Relation = "evidence_for" // the later item is evidence on the earlier one
	Narrowed    Relation = "narrowed"     // the later item takes a part of the earlier one
	Differs     Relation = "differs"      // the later item answers the same matter in another way
)

// Link is a line that the editors draw from an item of this dialogue to an
// item of an earlier one.
type Link struct {
	ID       string   `json:"id"`
	Item     string   `json:"item"`     // id of an item of this file
	TakesUp  string   `json:"takes_up"` // "som-2022/data-and-evidence"
	Relation Relation `json:"relation"`
	Why      Text     `json:"why"`
	DrawnBy  string   `json:"drawn_by"` // "editors"
	DrawnOn  Date     `json:"drawn_on"`
	Sources  []string `json:"sources"`
}

// Editors is the only value of DrawnBy.
const Editors = "editors"

// Cited is an item as a citation sees it.
type Cited struct {
	ID   string // within the file; "som-2022/" and the id names it everywhere
	Kind string // the field of the file that holds it, such as "points"
	Need string // empty where the item has none
	Text Text
}

// Items lists all items that can be cited, in file order.
func (f *File) Items() []Cited {
	var items []Cited
	for _, c := range f.Counts {
		items = append(items, Cited{c.ID, "counts", "", c.Definition})
	}
	for _, p := range f.Points {
		items = append(items, Cited{p.ID, "points", p.Need, p.Text})
	}
	for _, p := range f.Recommendations {
		items = append(items, Cited{p.ID, "recommendations", p.Need, p.Text})
	}
	for _, s := range f.Statements {
		items = append(items, Cited{s.ID, "statements", s.Need, s.Text})
	}
	for _, list := range []struct {
		kind  string
		items []Item
	}{
		{"topics", f.Topics}, {"guiding_questions", f.Questions},
		{"tour_de_table", f.TourDeTable}, {"notes", f.Notes},
	} {
		for _, i := range list.items {
			items = append(items, Cited{i.ID, list.kind, i.Need, i.Text})
		}
	}
	for _, l := range f.Links {
		items = append(items, Cited{l.ID, "links", "", l.Why})
	}
	return items
}

// Item finds an item that can be cited.
func (f *File) Item(id string) (Cited, bool) {
	for _, i := range f.Items() {
		if i.ID == id {
			return i, true
		}
	}
	return Cited{}, false
}

// Source finds a source of the file.
func (f *File) Source(id string) (Source, bool) {
	for _, s := range f.Sources {
		if s.ID == id {
			return s, true
		}
	}
	return Source{}, false
}

// Write writes the file in its one canonical form: what Read accepts and
// Write writes is read again to an equal file, byte for byte.
func (f *File) Write(w io.Writer) error { return place.Write(w, f) }

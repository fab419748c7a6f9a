// Package mechanism reads and writes mechanism presets: what a treaty review
// is made of, as data. A preset says which bodies and working groups there
// are, which states a dialogue, an application and a country review pass
// through and under which clocks, what an application form asks, what may be
// named, and what every published count means. A program that reads presets
// serves another review without a change of code.
//
// The format is specified in docs/formats/mechanism.md.
package mechanism

import (
	"io"

	"rostrum.example/format/internal/place"
)

// Format is the first field of every preset.
const Format = "rostrum-mechanism/1"

// MaxBytes is the size of the largest file that is read.
const MaxBytes = place.MaxBytes

// Values that this format shares with the dialogue format.
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
	// Date is a day, "2022-07-01", or a month, "2024-07".
	Date = place.Date

	// Problem is one thing that is wrong with a file: its place, a stable
	// code with arguments, a sentence in English and the next step.
	Problem = place.Problem
	// Problems is all that is wrong, in file order, 100 at most. It is the
	// type of every error that Read returns for a file that could be fetched.
	Problems = place.Problems
	// Code names a kind of problem.
	Code = place.Code
)

// Codes lists the codes of all problems of both formats, sorted.
func Codes() []Code { return place.Codes() }

// Vocabulary lists the stable words that the arguments of problems may hold,
// sorted. A catalogue of another language translates them with the codes.
func Vocabulary() []string { return place.Vocabulary() }

// Basis says how the editors of a preset know a rule.
type Basis string

// The bases of a rule.
const (
	BasisRead       Basis = "read"       // read in a cited source
	BasisProposal   Basis = "proposal"   // proposed by the editors; nobody has adopted it
	BasisUnverified Basis = "unverified" // believed, but not found in a source; check before use
)

// Ground is what a rule rests on.
type Ground struct {
	Basis   Basis    `json:"basis"`
	Sources []string `json:"sources,omitempty"` // ids; at least one where Basis is BasisRead
}

// Term is a word of the vocabulary: its id, its name and its ground.
type Term struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
	Note Text   `json:"note,omitempty"` // what a reader has to know about it
	Ground
}

// Mechanism is a preset.
type Mechanism struct {
	Format           string         `json:"format"`
	ID               string         `json:"id"`
	Languages        Languages      `json:"languages"`
	Name             Text           `json:"name"`
	ShortName        Text           `json:"short_name"`
	TimeZone         string         `json:"time_zone"` // IANA name; deadlines are local to it
	LegalBasis       []Term         `json:"legal_basis,omitempty"`
	Instruments      []Instrument   `json:"instruments"`
	Bodies           []Term         `json:"bodies,omitempty"`
	WorkingGroups    []WorkingGroup `json:"working_groups"`
	Roles            []Role         `json:"roles"`
	Dialogue         Dialogue       `json:"dialogue"`
	Application      Application    `json:"application"`
	Review           Review         `json:"review"`
	Form             Form           `json:"form"`
	Naming           Naming         `json:"naming"`
	Needs            []Need         `json:"needs"`
	CountKinds       []CountKind    `json:"count_kinds"`
	CountSubjects    []Term         `json:"count_subjects"`
	StakeholderTypes []Term         `json:"stakeholder_types"`
	Sources          []Source       `json:"sources"`
}

// Instrument is a treaty under review.
type Instrument struct {
	Term
	Parent string `json:"parent,omitempty"` // id of the convention that a protocol supplements
}

// WorkingGroup is a body after whose sessions a dialogue is held.
type WorkingGroup struct {
	Term
	Instrument string `json:"instrument,omitempty"` // id of the instrument it deals with, where it is one
}

// Role is what a person can be in the process.
type Role struct {
	Term
	Body string `json:"body,omitempty"` // id of the body the role belongs to
}

// State is a step of a process. A process begins in the first state of its
// list; a state without Next is an end.
type State struct {
	Term
	MovedBy []string `json:"moved_by,omitempty"` // ids of the roles that move the process on from here
	Next    []string `json:"next,omitempty"`     // ids of the states that can follow
	Due     *Due     `json:"due,omitempty"`
	Asks    []Ask    `json:"asks,omitempty"`
}

// Due says when a state is to be reached: a period after another state was.
type Due struct {
	From  string `json:"from"`            // id of a state of the same list
	After Period `json:"after"`           // such as P14D
	About bool   `json:"about,omitempty"` // the source gives the period as a rough one
}

// Ask is something that is written down when a state is entered.
type Ask struct {
	ID       string `json:"id"`
	Name     Text   `json:"name"`
	Required bool   `json:"required"`
}

// Dialogue is how dialogues with stakeholders are held.
type Dialogue struct {
	When   Text `json:"when"`   // when one is convened, and why
	Who    Text `json:"who"`    // who may take part
	Output Text `json:"output"` // what comes out, and who receives it
	Ground
	Programme []Term `json:"programme,omitempty"` // the usual items of a day, in order
	States    States `json:"states"`
}

// Application is how organisations ask to take part and are admitted.
type Application struct {
	DecidedBy string `json:"decided_by"` // id of a body
	Rule      Text   `json:"rule"`       // who decides, by which criteria
	Ground
	States States `json:"states"`
}

// Review is how a State party is reviewed.
type Review struct {
	Unit         Text `json:"unit"`          // what one review is: State, instrument, cycle …
	Reviewers    int  `json:"reviewers"`     // reviewing States in one review
	CivilSociety Text `json:"civil_society"` // the door that stakeholders have
	Publicity    Text `json:"publicity"`     // what of it becomes public
	Ground
	States States `json:"states"`
}

// Seen says who sees what is written into a field.
type Seen string

// Those who see a field.
const (
	SeenByPublic       Seen = "public"
	SeenByParticipants Seen = "participants"
	SeenBySecretariat  Seen = "secretariat"
)

// FieldKind is what is written into a field.
type FieldKind string

// The kinds of fields.
const (
	FieldLine      FieldKind = "line"      // one line of text
	FieldLines     FieldKind = "lines"     // a text of several lines
	FieldYesNo     FieldKind = "yes_no"    // yes or no
	FieldChoice    FieldKind = "choice"    // one of Choices
	FieldChoices   FieldKind = "choices"   // some of Choices
	FieldCountry   FieldKind = "country"   // a country or area
	FieldCountries FieldKind = "countries" // countries, areas and regions
	FieldLanguages FieldKind = "languages" // languages
	FieldLink      FieldKind = "link"      // a web address
	FieldLinks     FieldKind = "links"     // web addresses
	FieldEmail     FieldKind = "email"     // an e-mail address
	FieldDialogues FieldKind = "dialogues" // dialogues of the same call
	FieldPersons   FieldKind = "persons"   // persons, each with Fields
)

// Form is the application form.
type Form struct {
	Ground
	Steps  []Term  `json:"steps"` // the pages of the form, in order
	Fields []Field `json:"fields"`
}

// Field is a question of the form.
type Field struct {
	ID            string    `json:"id"`
	Step          string    `json:"step,omitempty"` // id of a step; a field of a person has none
	Label         Text      `json:"label"`
	Kind          FieldKind `json:"kind"`
	Required      bool      `json:"required"`
	SeenBy        Seen      `json:"seen_by"`
	Sealed        bool      `json:"sealed"`                   // encrypted so that only the secretariat opens it
	MaxCharacters int       `json:"max_characters,omitempty"` // of a text; 0 means no limit of its own
	MaxItems      int       `json:"max_items,omitempty"`      // of a list; 0 means no limit of its own
	Choices       []Option  `json:"choices,omitempty"`
	Fields        []Field   `json:"fields,omitempty"` // what is asked of each person
	If            *If       `json:"if,omitempty"`     // asked only then
}

// Option is an answer that can be chosen.
type Option struct {
	ID   string `json:"id"`
	Name Text   `json:"name"`
}

// If says on which answer to another field a field depends.
type If struct {
	Field string `json:"field"` // id of a field before this one
	Is    string `json:"is"`    // id of one of its choices, or "yes" or "no"
}

// Answer is what a naming rule says.
type Answer string

// The answers of a naming rule.
const (
	Yes       Answer = "yes"
	No        Answer = "no"
	Undecided Answer = "undecided" // not known: the convenor decides before it matters, and until then it is no
)

// Naming says what may be named in public.
type Naming struct {
	Countries     Rule `json:"countries"`      // may a statement speak of a country's situation?
	Objectors     Rule `json:"objectors"`      // is the State that objects to an applicant shown?
	OverdueClocks Rule `json:"overdue_clocks"` // is it shown that a State's step is overdue?
}

// Rule is one naming rule.
type Rule struct {
	Allowed Answer `json:"allowed"`
	Text    Text   `json:"text"` // the rule as it is told to a person
	Ground
}

// Need is one of the needs by which points are sorted.
type Need struct {
	Term
	Text Text `json:"text"` // what the need is, in one sentence
}

// Unit is what a count counts.
type Unit string

// The units of counts.
const (
	UnitOrganisations Unit = "organisations"
	UnitPersons       Unit = "persons"
	UnitGovernments   Unit = "governments"
	UnitStakeholders  Unit = "stakeholders"  // organisations or persons: the source does not say which
	UnitRegistrations Unit = "registrations" // organisations or persons: the source does not say which
	UnitInputs        Unit = "inputs"        // texts
)

// CountKind is a way of counting, with the definition that is printed beside
// every figure.
type CountKind struct {
	Term
	Unit       Unit `json:"unit"`
	Definition Text `json:"definition"`
}

// Write writes the preset in its one canonical form: what Read accepts and
// Write writes is read again to an equal preset, byte for byte.
func (m *Mechanism) Write(w io.Writer) error { return place.Write(w, m) }

// Package followup keeps what becomes of what was said: points that a dialogue puts to States, what each State says of
// them, what stakeholders say, and how the next dialogue took them up.
//
// Nobody must answer. A commitment exists only where a State enters it, silence is told only after a delivery that
// somebody confirmed, and where two sides differ both stand side by side: nothing is averaged, scored or ranked.
// docs/formats/followup.md says what the public record holds of it.
package followup

import (
	"cmp"
	"context"
	"embed"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// PointID is the subject of the public record that a point comes from: "dialogue/som-2022/point/data-and-evidence".
type PointID string

// Subject is what the follow-up of the point is called in the public record.
func (id PointID) Subject() string { return "followup/" + string(id) }

// Wording is a text in one language, with who stands behind it: editors, official, reviewed or machine.
type Wording struct {
	Text   string `json:"text"`
	Status string `json:"status"`
}

// Words are a text by language.
type Words map[locale.Lang]Wording

// In picks the wording for a reader: their language, English, or any.
func (w Words) In(l locale.Lang) (Wording, locale.Lang) {
	for _, try := range append([]locale.Lang{l, locale.English}, locale.Langs...) {
		if found, ok := w[try]; ok {
			return found, try
		}
	}
	return Wording{}, l
}

// PointKind tells a point of a summary from a recommendation.
type PointKind string

// The kinds of points.
const (
	MainPoint      PointKind = "point"
	Recommendation PointKind = "recommendation"
)

// Point is something that a dialogue put to others to act on.
type Point struct {
	ID PointID
	// Origin is the dialogue that it comes from.
	Origin string
	Kind   PointKind
	Need   string // of the mechanism's preset; empty for none
	Text   Words
	// Cites are the entries that it rests on: the block of the summary, and what was said.
	Cites  []ledger.ID
	Sample bool
	// Place is its place among the points of its dialogue.
	Place     int
	At        time.Time
	Entry     ledger.ID
	Withdrawn time.Time
}

// stands says that nothing new can be said of a point that was taken back.
func (p *Point) stands() error {
	if p.Withdrawn.IsZero() {
		return nil
	}
	return conflict("followup.point.gone")
}

// Way is how a point was put to a State.
type Way string

// The ways.
const (
	NoteVerbale Way = "note"
	ByMail      Way = "mail"
	AtDesk      Way = "desk"
)

// Ways lists the ways as pages show them.
func Ways() []Way { return []Way{NoteVerbale, ByMail, AtDesk} }

// Delivery says that a point was put to a State. Only a confirmed one lets anybody say that no answer is known.
type Delivery struct {
	ID    string
	Point PointID
	State string // ISO 3166-1 alpha-2
	Way   Way
	Day   locale.Date
	// Reference is that of the note or the message.
	Reference string
	Entry     ledger.ID
	// Confirmed is the day on which the State had it; zero while that is not known.
	Confirmed locale.Date
	// Receiver is the office that confirmed it. It is not public.
	Receiver string
	Proof    ledger.ID // the entry of the confirmation
}

// AnswerKind says what a State does with a point.
type AnswerKind string

// The kinds of answers. Progress is told on a commitment that stands.
const (
	TakesUp       AnswerKind = "takes-up"
	TakesUpInPart AnswerKind = "takes-up-in-part"
	Differs       AnswerKind = "differs"
	Informs       AnswerKind = "informs"
	Declines      AnswerKind = "declines"
	Progress      AnswerKind = "progress"
)

// AnswerKinds lists the kinds as pages show them.
func AnswerKinds() []AnswerKind {
	return []AnswerKind{TakesUp, TakesUpInPart, Differs, Informs, Declines, Progress}
}

// Commits tells whether an answer of this kind holds a commitment.
func (k AnswerKind) Commits() bool { return k == TakesUp || k == TakesUpInPart }

// Stage is where an answer stands on its way.
type Stage string

// The stages of an answer: written, handed to a second person, public, taken back.
const (
	Draft     Stage = "draft"
	Handed    Stage = "handed"
	Published Stage = "published"
	Withdrawn Stage = "withdrawn"
)

// Said are a State's words.
type Said struct {
	Text   Words `json:"text,omitempty"`
	Reason Words `json:"reason,omitempty"`
	// Measure, Owner and Date are the commitment: what, by which body, by when (a day, a month or a year).
	Measure  Words    `json:"measure,omitempty"`
	Owner    Words    `json:"owner,omitempty"`
	Date     string   `json:"date,omitempty"`
	Evidence []string `json:"evidence,omitempty"`
}

// Answer is what a State says of a point, from the draft to what is public.
type Answer struct {
	Point  PointID
	State  string
	Number int // counts what the State says of the point, from 1
	Stage  Stage
	Kind   AnswerKind
	Said
	// Edit counts the changes of a draft: who sends a form says which one they saw.
	Edit int
	// Writer made the last change and Clearer is the second person; empty for somebody whose data were erased.
	Writer, Clearer party.PersonID
	// Note is what the second person wrote when they gave it back.
	Note  string
	At    time.Time // of the last change; once public, of publication or withdrawal
	Entry ledger.ID
}

// Public tells whether the answer was published, also when it has been withdrawn.
func (a *Answer) Public() bool { return a.Stage == Published || a.Stage == Withdrawn }

// ViewKind says what a stakeholder says.
type ViewKind string

// The kinds of views: on the point itself, on what a State committed itself to, and on its progress.
const (
	OnPoint      ViewKind = "point"
	OnCommitment ViewKind = "commitment"
	OnProgress   ViewKind = "progress"
)

// View is what a stakeholder says of a point or of a State's commitment.
type View struct {
	ID    string
	Point PointID
	// About is the State whose commitment it is about; empty for the point itself.
	About string
	Kind  ViewKind
	// Organisation says it, of a category of the mechanism's preset; Named tells whether it is shown by name.
	Organisation party.OrganisationID
	Name         string // of the organisation, where it is named
	Category     string
	Named        bool
	Text         Words
	Evidence     []string
	At           time.Time
	Entry        ledger.ID
	Withdrawn    time.Time
}

// Relation says how a later dialogue took a point up.
type Relation string

// The relations.
const (
	TakenUp    Relation = "taken-up"
	Narrowed   Relation = "narrowed"
	AskedAgain Relation = "asked-again"
)

// Relations lists the relations as pages show them.
func Relations() []Relation { return []Relation{TakenUp, Narrowed, AskedAgain} }

// Link is a line that an editor draws from a point to a later dialogue.
type Link struct {
	ID    string
	Point PointID
	// Later is the dialogue, Item what took the point up there: a subject of the record, or empty.
	Later, Item string
	Relation    Relation
	Why         Words
	At          time.Time
	Entry       ledger.ID
	Withdrawn   time.Time
}

// Act is one public act on a point.
type Act struct {
	Point PointID
	// Number counts the acts on the point from 1.
	Number int
	What   string // "answer.published"
	State  string
	At     time.Time
	Entry  ledger.ID
}

// What the public acts are: the last parts of their types in the record, and of the keys "followup.act.…".
const (
	aboutPoint     = "point."
	pointEntered   = aboutPoint + "entered"
	pointCorrected = aboutPoint + "corrected"
	pointWithdrawn = aboutPoint + "withdrawn"
	pointPut       = aboutPoint + "put"

	deliveryConfirmed = "delivery.confirmed"
	answerPublished   = "answer.published"
	answerWithdrawn   = "answer.withdrawn"
	viewPublished     = "view.published"
	viewWithdrawn     = "view.withdrawn"
	linkDrawn         = "link.drawn"
	linkWithdrawn     = "link.withdrawn"
)

// Author is somebody whose words a point rests on and who wants to hear of it.
type Author struct {
	Email party.Email
	Name  string
	Lang  locale.Lang
}

// Directory tells who acts and what organisations are called; *party.Directory is one.
type Directory interface {
	Actor(ctx context.Context, r *page.Request) (party.Actor, error)
	SignedIn(party.ActorHandler) page.Handler
	Organisation(tx *store.Tx, id party.OrganisationID) (party.Organisation, error)
}

// Options are what the follow-up needs from the house.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Ledger     *ledger.Ledger
	Directory  Directory
	Catalogues *locale.Catalogues
	Clock      func() time.Time
	Random     io.Reader
	Mail       party.Sender
	// Address is where people reach the instance, without a trailing slash; Operator is who runs it.
	Address  func() string
	Operator func() string
	// States are the parties of the mechanism by their ISO 3166-1 alpha-2 code; Categories its types of stakeholders.
	States     []party.Named
	Categories []party.Named
	// Needs names the needs of the preset.
	Needs []party.Named
	// Dialogue names a dialogue; ok is false where there is none.
	Dialogue func(tx *store.Tx, id string) (title Words, ok bool, err error)
	// Follows gives the dialogue before one; empty for none.
	Follows func(tx *store.Tx, id string) (string, error)
	// Authors gives those whose words these entries are: never somebody who is not listed, or whose voice is sealed.
	// nil for nobody.
	Authors func(tx *store.Tx, cites []ledger.ID) ([]Author, error)
	// Countries gives the codes of the countries that a text mentions.
	Countries func(text string, lang locale.Lang) []string
}

// Room keeps the follow-up of one tenant. Its methods may be called from any goroutine.
type Room struct {
	o     Options
	pages pages
}

// New makes the room.
func New(o Options) (*Room, error) {
	switch {
	case o.Dialogue == nil || o.Follows == nil || o.Countries == nil || o.Address == nil || o.Operator == nil:
		return nil, errors.New("opening the follow-up: an option is missing")
	case o.Authors == nil:
		o.Authors = func(*store.Tx, []ledger.ID) ([]Author, error) { return nil, nil }
	}
	return &Room{o: o}, nil
}

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

// ErrNotFound: there is no such point, delivery, answer, view or link.
var ErrNotFound = errors.New("not found")

// What the house's policy allows stands in party. Putting points to States is the convening officer's work, drawing
// links the editors', and the bulletin that of whoever knows the organisations.
const (
	put      = party.OpenCall
	edit     = party.EditRecord
	announce = party.SeeOrganisations
)

// The bounds of what is typed, in characters.
const (
	maxText      = 5000
	maxLine      = 300
	maxReason    = 1000
	maxEvidence  = 20
	maxReference = 200
)

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{page.Invalid{Field: field, Key: key, Pairs: pairs}}
}

func conflict(key string, pairs ...any) error {
	return &page.Problem{Status: http.StatusConflict, Key: key, Pairs: pairs}
}

// changed says that somebody else was faster.
func changed() error { return conflict("followup.changed") }

// clean reads one text of a form.
func clean(field, s string, max int) (string, error) {
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	for line := range strings.SplitSeq(s, "\n") {
		if !page.Clean(strings.ReplaceAll(line, "\t", " ")) {
			return "", invalid(field, "followup.text.unreadable")
		}
	}
	if n := utf8.RuneCountInString(s); n > max {
		return "", invalid(field, "followup.text.long", "Max", max, "Length", n)
	}
	return s, nil
}

// parseWords reads texts by language; status says who stands behind them.
func parseWords(field string, in map[locale.Lang]string, max int, status string) (Words, error) {
	words := Words{}
	var errs []error
	for _, lang := range locale.Langs {
		text, err := clean(field+"-"+string(lang), in[lang], max)
		if errs = append(errs, err); text != "" {
			words[lang] = Wording{text, status}
		}
	}
	return words, page.Collect(errs...)
}

// parseEvidence reads one address or entry on each line.
func parseEvidence(field, s string) ([]string, error) {
	s, err := clean(field, s, maxText)
	if err != nil {
		return nil, err
	}
	var all []string
	for line := range strings.SplitSeq(s, "\n") {
		if line = strings.TrimSpace(line); line == "" || slices.Contains(all, line) {
			continue
		}
		if !ledger.ID(line).Valid() && !webAddress(line) {
			return nil, invalid(field, "followup.evidence.bad", "Value", isolate(line))
		}
		all = append(all, line)
	}
	if len(all) > maxEvidence {
		return nil, invalid(field, "followup.evidence.many", "Max", maxEvidence)
	}
	return all, nil
}

// cited are the entries among evidence.
func cited(evidence []string) []ledger.ID {
	var all []ledger.ID
	for _, e := range evidence {
		if id := ledger.ID(e); id.Valid() {
			all = append(all, id)
		}
	}
	return all
}

// before compares two dates; one that is only a month or a year stands for its last day.
func before(a, b locale.Date) bool { return lastDay(a).Before(lastDay(b)) }

func lastDay(d locale.Date) time.Time {
	switch {
	case d.Month == 0:
		return time.Date(d.Year, 12, 31, 0, 0, 0, 0, time.UTC)
	case d.Day == 0:
		return time.Date(d.Year, d.Month+1, 0, 0, 0, 0, 0, time.UTC)
	}
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// enter makes an act an entry of the public record and notes it among the room's acts.
func (room *Room) enter(tx *store.Tx, id PointID, what, state string, text any, cites ...ledger.ID) (ledger.ID, error) {
	body, err := json.Marshal(text)
	if err != nil {
		return "", err
	}
	now := room.o.Clock()
	rests := slices.DeleteFunc(slices.Clone(cites), func(id ledger.ID) bool { return id == "" })
	slices.Sort(rests)
	entry, err := room.o.Ledger.Enter(tx, ledger.Entry{
		Org: room.o.Org, Type: "followup." + what, Subject: id.Subject(), At: stamp(now), Text: body, Cites: slices.Compact(rests),
	})
	if err != nil {
		return "", err
	}
	return entry, room.note(tx, Act{Point: id, What: what, State: state, At: now, Entry: entry})
}

// withdraw takes the text of an entry out of the record and notes it.
func (room *Room) withdraw(tx *store.Tx, id PointID, what, state, reason string, entry ledger.ID) error {
	now := room.o.Clock()
	notice, err := room.o.Ledger.Withdraw(tx, entry, ledger.Notice{At: stamp(now), Reason: reason})
	if err != nil {
		return err
	}
	return room.note(tx, Act{Point: id, What: what, State: state, At: now, Entry: notice})
}

// stamp writes an instant as the public record does.
func stamp(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func isolate(s string) string { return "\u2068" + s + "\u2069" }

// named finds what a code is called.
func named(all []party.Named, id string, l locale.Lang) string {
	if i := slices.IndexFunc(all, func(n party.Named) bool { return n.ID == id }); i >= 0 {
		return all[i].In(l)
	}
	return id
}

// StateName is what the mechanism calls a State, or the name of its code.
func (room *Room) StateName(l locale.Lang, code string) string {
	if name := named(room.o.States, code, l); name != code {
		return name
	}
	return room.o.Catalogues.Country(l, code)
}

func (room *Room) isState(code string) bool {
	return slices.ContainsFunc(room.o.States, func(n party.Named) bool { return n.ID == code })
}

// first is the first text that is not empty.
func first(all ...string) string { return cmp.Or(all...) }

// Package cycle is the room of the dialogue wing that convenes: which dialogues are being prepared, which state each is
// in, what may come next and who moves it there, and the call that invites people to apply.
//
// The states and who moves them are the mechanism's, from its preset. The rooms that stand on this one ask it which
// dialogue they work for and whether its state lets them.
package cycle

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// The states that rooms know by name. A preset may have others, which mean nothing to the rooms.
const (
	Planned        = "planned"
	CallOpen       = "call_open"
	CallClosed     = "call_closed"
	BureauReview   = "bureau_review"
	Confirmed      = "confirmed"
	PreparationDay = "preparation_day"
	InSession      = "in_session"
	SummaryDraft   = "summary_draft"
	ChairReview    = "chair_review"
	Published      = "published"
	Transmitted    = "transmitted"
	TakenUp        = "taken_up"
	NotTakenUp     = "not_taken_up"
	Closed         = "closed"
)

// State is a state of a dialogue as the mechanism's preset has it.
type State struct {
	ID      string
	Name    dialogue.Words
	MovedBy []party.Role // who moves a dialogue on from here
	Next    []string
	Asks    []Ask // what is written down when the state is entered
}

// Ask is a question that is answered when a state is entered.
type Ask struct {
	ID       string
	Name     dialogue.Words
	Required bool
}

// Dialogue is a dialogue that this instance convenes.
type Dialogue struct {
	ID dialogue.ID
	// Body is the working group that it belongs to.
	Body  string
	Title dialogue.Words
	// Place is where it is held, in words: a room, a link that everybody may know.
	Place dialogue.Words
	// Starts and Ends are its first and last day in Zone, preparation day included.
	Starts, Ends locale.Date
	Zone         string // IANA
	// Follows is the dialogue whose points it opens with; empty for none.
	Follows dialogue.ID
	// Sample marks an exercise: nobody applied, spoke or decided.
	Sample bool

	State   string
	Since   time.Time
	Version int
	Entry   ledger.ID
}

// Scope is where somebody acts who acts on the dialogue.
func (d *Dialogue) Scope() party.Scope { return party.OfDialogue(string(d.ID), d.Body) }

// Subject is what the dialogue is called in the public record.
func (d *Dialogue) Subject() string { return "cycle/" + string(d.ID) }

// Location is the dialogue's time zone.
func (d *Dialogue) Location() *time.Location { return location(d.Zone) }

// CallID names a call: "som-2027".
type CallID string

// Call invites people to apply for one or several dialogues with one form.
type Call struct {
	ID    CallID
	Title dialogue.Words
	// About says what is asked for and who is meant, in the convenor's words.
	About     dialogue.Words
	Dialogues []dialogue.ID
	// Closes is the last day in Zone on which one may apply.
	Closes locale.Date
	Zone   string
	// Erases is the day on which the personal data of the applications are erased.
	Erases locale.Date
	// Recipients are the age keys to which sensitive answers are sealed on arrival.
	Recipients []string
	Sample     bool
	Version    int
	Entry      ledger.ID
}

// Deadline is the first instant at which it is too late: midnight at the end of the day Closes.
func (c *Call) Deadline() time.Time {
	next := time.Date(c.Closes.Year, c.Closes.Month, c.Closes.Day+1, 0, 0, 0, 0, location(c.Zone))
	if locale.DateOf(next) == c.Closes {
		// The clocks are put ahead at midnight, so there is none: the next day begins when they are.
		_, next = next.ZoneBounds()
	}
	return next
}

// ErasesAt is the instant of Erases.
func (c *Call) ErasesAt() time.Time {
	return time.Date(c.Erases.Year, c.Erases.Month, c.Erases.Day, 0, 0, 0, 0, location(c.Zone))
}

// Subject is what the call is called in the public record.
func (c *Call) Subject() string { return "call/" + string(c.ID) }

// Move is one change of a dialogue's state.
type Move struct {
	Dialogue dialogue.ID
	// Number counts a dialogue's moves from 1: their order does not rest on the clock.
	Number   int
	At       time.Time
	From, To string
	// Actor made it; empty for the clock, and for somebody whose data have been erased.
	Actor   party.PersonID
	Answers map[string]string
	Entry   ledger.ID
}

// Errors that callers can act on.
var (
	ErrNotFound = errors.New("there is no such dialogue or call")
)

// Options are what the room needs from the house.
type Options struct {
	DB         *store.DB
	Org        store.Org
	Ledger     *ledger.Ledger
	Directory  *party.Directory
	Catalogues *locale.Catalogues
	Clock      func() time.Time
	Random     io.Reader
	Log        *slog.Logger
	// States are the mechanism's, in its order; a dialogue begins in the first.
	States []State
	// Bodies are the working groups that dialogues belong to.
	Bodies []party.Named
	// Zone is the time zone of the mechanism's seat.
	Zone string
	// Earlier lists the dialogues of the published record that a dialogue can follow.
	Earlier func(*store.Tx) ([]party.Dialogue, error)
	// CheckRecipients says whether these are keys that answers can be sealed to together.
	CheckRecipients func([]string) error
}

// Room convenes dialogues for one tenant. Its methods may be called from any goroutine.
type Room struct {
	o      Options
	gates  map[string][]Gate
	offers []Offer
	ways   []Link
	pages  pages
}

// Gate holds a dialogue back from a state until what must be there is there; its error is a *page.Problem that says
// what is missing.
type Gate func(tx *store.Tx, d *Dialogue) error

// Offer names pages of another room that belong to a dialogue, for one reader.
type Offer func(ctx context.Context, r *page.Request, d *Dialogue) ([]Link, error)

// Link leads from a dialogue's page to what another room has of it.
type Link struct {
	Path string
	Text string
	// Hint says more in one short line.
	Hint string
}

// New makes the room.
func New(o Options) (*Room, error) {
	if len(o.States) == 0 {
		return nil, errors.New("opening the dialogues' cycle: the preset has no states")
	}
	room := &Room{o: o, gates: map[string][]Gate{}}
	room.Gate(CallOpen, room.callReady)
	return room, nil
}

// Gate adds a condition for entering a state. Rooms add theirs before the site serves.
func (room *Room) Gate(state string, g Gate) { room.gates[state] = append(room.gates[state], g) }

// Offer adds links to the pages of dialogues.
func (room *Room) Offer(o Offer) { room.offers = append(room.offers, o) }

// Way adds what a reader can do from the page "take part"; Text and Hint are keys of the catalogues.
func (room *Room) Way(way Link) { room.ways = append(room.ways, way) }

// State finds a state of the preset; one that it does not have stands for itself.
func (room *Room) State(id string) State {
	if i := slices.IndexFunc(room.o.States, func(s State) bool { return s.ID == id }); i >= 0 {
		return room.o.States[i]
	}
	return State{ID: id}
}

// Reached tells whether a dialogue has come to a state, or beyond it, in the order of the preset.
func (room *Room) Reached(d *Dialogue, state string) bool {
	at := func(id string) int { return slices.IndexFunc(room.o.States, func(s State) bool { return s.ID == id }) }
	return at(state) >= 0 && at(d.State) >= at(state)
}

// mayMove tells whether the actor moves a dialogue on from where it is.
func (room *Room) mayMove(actor party.Actor, d *Dialogue) bool {
	return slices.ContainsFunc(room.State(d.State).MovedBy, func(role party.Role) bool { return actor.Holds(role, d.Scope()) })
}

// DialogueData are what an officer types about a dialogue.
type DialogueData struct {
	ID, Body, Starts, Ends, Zone, Follows string
	// Title and Place are by language.
	Title, Place map[locale.Lang]string
}

// CallData are what an officer types about a call.
type CallData struct {
	ID, Closes, Zone, Erases, Recipients string
	Dialogues                            []string
	Title, About                         map[locale.Lang]string
}

// The bounds of what is typed, in characters.
const (
	maxTitle = 200
	maxPlace = 300
	maxAbout = 5000
)

// name is the form of a dialogue's or a call's own name, which stands in addresses.
var name = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

const maxName = 40

func parseName(field, s string) (string, error) {
	s = strings.TrimSpace(s)
	if !name.MatchString(s) || len(s) > maxName {
		return "", invalid(field, "cycle.name.bad", "Max", maxName)
	}
	return s, nil
}

func parseDay(field, s string) (locale.Date, error) {
	d, err := locale.ParseDate(strings.TrimSpace(s))
	if err != nil || d.Day == 0 {
		return locale.Date{}, invalid(field, "cycle.day.bad")
	}
	return d, nil
}

func parseZone(s string) (string, error) {
	s = strings.TrimSpace(s)
	if _, err := time.LoadLocation(s); err != nil || s == "" || s == "Local" {
		return "", invalid("zone", "cycle.zone.bad")
	}
	return s, nil
}

// parseWords reads texts by language. English must be there where the text is required: the other languages fall back
// to it.
func parseWords(field string, in map[locale.Lang]string, max int, required bool) (dialogue.Words, error) {
	words := dialogue.Words{}
	var errs []error
	for lang, text := range in {
		text = strings.TrimSpace(strings.ReplaceAll(text, "\r\n", "\n"))
		switch at := field + "-" + string(lang); {
		case text == "":
		case !readable(text):
			errs = append(errs, invalid(at, "cycle.text.unreadable"))
		case utf8.RuneCountInString(text) > max:
			errs = append(errs, invalid(at, "cycle.text.long", "Max", max, "Length", utf8.RuneCountInString(text)))
		default:
			words[lang] = dialogue.Wording{Text: text, Status: "editors"}
		}
	}
	if required && words[locale.English].Text == "" && len(errs) == 0 {
		errs = append(errs, invalid(field+"-"+string(locale.English), "cycle.text.missing"))
	}
	return words, page.Collect(errs...)
}

// readable is page.Clean for a text with lines.
func readable(s string) bool {
	for line := range strings.SplitSeq(s, "\n") {
		if !page.Clean(strings.ReplaceAll(line, "\t", " ")) {
			return false
		}
	}
	return true
}

func invalid(field, key string, pairs ...any) page.Invalids {
	return page.Invalids{page.Invalid{Field: field, Key: key, Pairs: pairs}}
}

// before compares two days.
func before(a, b locale.Date) bool {
	return cmp.Or(cmp.Compare(a.Year, b.Year), cmp.Compare(a.Month, b.Month), cmp.Compare(a.Day, b.Day)) < 0
}

func location(zone string) *time.Location {
	l, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC // was checked when it was kept
	}
	return l
}

// at writes an instant as the public record does.
func at(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05Z") }

func encode(v any) ([]byte, error) { return json.Marshal(v) }

// Package floor is the room of the dialogue in which people speak: who asks for the floor, who has it, for how long,
// who is next and why.
//
// The order is made by one rule, [Rule.Order], which knows no database and no clock; docs/formats/floor.md says it in
// words. The chair can depart from it, with a reason that everybody sees. What was said by whom and for how long is
// kept for counting, and each turn is an entry of the public record: named, by category, or sealed, as the speaker
// chose.
package floor

import (
	"cmp"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/party"
)

// Kind says by which right somebody speaks.
type Kind string

// The kinds of turns.
const (
	Statement    Kind = "statement" // in turn, from the list of speakers
	Panel        Kind = "panel"     // as a panellist or moderator of the programme
	PointOfOrder Kind = "order"     // about the conduct of the meeting; before everything
	Reply        Kind = "reply"     // a State's right of reply; at the end, or when the chair decides
)

// Mode says from where somebody speaks.
type Mode string

// The modes.
const (
	InRoom Mode = "room"
	Remote Mode = "remote"
)

// Naming says how a speaker is shown to the public.
type Naming string

// The namings.
const (
	ByName     Naming = "name"
	ByCategory Naming = "category" // by the stakeholder type alone
	Withheld   Naming = "withheld" // as a participant: not even the type, the mode or the language is shown
)

// ParticipantID names a participant of one dialogue.
type ParticipantID string

// Participant is somebody who may ask for the floor.
type Participant struct {
	ID ParticipantID
	// Person is their account; empty for who comes by a personal link alone.
	Person party.PersonID
	// Organisation is whom they speak for; the time of all who speak for it counts together. Empty for nobody.
	Organisation party.OrganisationID
	// Name is shown to the public where Naming is ByName.
	Name   string
	Naming Naming
	// Label is what the desk calls them, whoever they are to the public.
	Label string
	// Type is the id of a stakeholder type of the mechanism's preset.
	Type string
	// Country is an ISO 3166-1 alpha-2 code or empty. It is never shown.
	Country string
	// Delegate tells whether they speak for a State, and so have a right of reply.
	Delegate bool
	// New tells whether they take part in a dialogue for the first time.
	New  bool
	Mode Mode
	// Langs are the languages they may speak, the likeliest first, as BCP 47 tags.
	Langs []string
}

// Speaker is under whom the participant's time is counted.
func (p Participant) Speaker() string { return cmp.Or(string(p.Organisation), string(p.ID)) }

// shownType is the type as the public and the rule may know it: of somebody who is not to be recognised, none.
func (p Participant) shownType() string {
	if p.Naming == Withheld {
		return ""
	}
	return p.Type
}

// Held is a dialogue as the floor must know it.
type Held struct {
	ID    dialogue.ID
	Title dialogue.Words
	// Body is the working group, for the policy.
	Body string
	// Zone is where the meeting is held.
	Zone *time.Location
	// Sample marks an exercise: every page and export says so.
	Sample bool
	// Meets tells whether its days have come: only then can the floor be opened.
	Meets bool
}

// scope is where roles must be held to act at the desk.
func (h Held) scope() party.Scope { return party.OfDialogue(string(h.ID), h.Body) }

// ItemID names an item of the programme.
type ItemID string

// Item is an item of the programme that can be taken up.
type Item struct {
	ID    ItemID
	Title dialogue.Words
	// Panel are those who speak first, in the programme's order.
	Panel []Panellist
}

// Panellist speaks in a panel, in a public role and with their consent to be named.
type Panellist struct {
	Name string
	// Role is what they are there as, in their own words; it may be empty.
	Role string
}

// State says whether the floor is open.
type State string

// The states of a floor.
const (
	Before State = ""
	Open   State = "open"
	Closed State = "closed"
)

// Phase says who speaks under an item: first the panel, then everybody.
type Phase string

// The phases.
const (
	PanelPhase Phase = "panel"
	TourPhase  Phase = "tour"
)

// Settings are what the chair sets for an item: how many seconds a turn of each kind has, and the numbers of the
// [Rule].
type Settings struct {
	Statement int `json:"statement"`
	Panel     int `json:"panel"`
	Order     int `json:"order"`
	Reply     int `json:"reply"`
	Pass      int `json:"pass"`
	Run       int `json:"run"`
}

// DefaultSettings are where a chair begins; they are no rule of any mechanism.
var DefaultSettings = Settings{Statement: 180, Panel: 600, Order: 60, Reply: 120, Pass: DefaultPass, Run: DefaultRun}

// Of gives the seconds of a kind of turn.
func (s Settings) Of(k Kind) int {
	switch k {
	case Panel:
		return s.Panel
	case PointOfOrder:
		return s.Order
	case Reply:
		return s.Reply
	}
	return s.Statement
}

// List is the list of speakers of one item.
type List struct {
	Item     ItemID
	Open     bool
	Phase    Phase
	Settings Settings
}

// Request is somebody's wish to speak.
type Request struct {
	// N counts the requests of a dialogue: who asked earlier has the lower number.
	N           int
	Item        ItemID
	Participant ParticipantID
	Kind        Kind
	Mode        Mode
	Lang        string
	Asked       time.Time
	// What the chair decided about it; see [Waiting].
	Moved, Held int
	Granted     bool
}

// Span is a stretch of time in which somebody spoke.
type Span struct{ From, To time.Time }

// Speech is one turn on the floor.
type Speech struct {
	N           int
	Item        ItemID
	Request     int // 0 for who was called without having asked
	Participant ParticipantID
	Speaker     string
	Kind        Kind
	Naming      Naming
	Person      party.PersonID // empty for who has no account, and for whom it was erased
	Who         string         // the name shown; empty unless Naming is ByName
	Type        string         // empty where it is withheld
	Mode        Mode
	Lang        string
	Allotted    int // seconds, extensions included
	Began       time.Time
	Ended       time.Time // zero while it lasts
	Since       time.Time // when it last began to run; zero while it is paused and when it has ended
	Spans       []Span    // the stretches before Since
	Entry       ledger.ID // in the public record; empty while it lasts
}

// Used is how long somebody has spoken by now, without pauses.
func (s *Speech) Used(now time.Time) time.Duration {
	var used time.Duration
	for _, p := range s.Spans {
		used += p.To.Sub(p.From)
	}
	if !s.Since.IsZero() && now.After(s.Since) {
		used += now.Sub(s.Since)
	}
	return used
}

// Seconds is Used in whole seconds.
func (s *Speech) Seconds(now time.Time) int { return int(s.Used(now) / time.Second) }

// Lasts tells whether the turn has not ended.
func (s *Speech) Lasts() bool { return s.Ended.IsZero() }

// Act is something that the desk did.
type Act struct {
	// Desk counts the acts of a dialogue's desk.
	Desk int
	At   time.Time
	What What
	Item ItemID
	// Request and Who say about whom; Who is the public name or empty.
	Request int
	Type    string
	Naming  Naming
	Who     string
	// Before is how many who were to speak earlier by the rule were passed over.
	Before  int
	Seconds int
	Reason  string
	// Person did it; empty for somebody whose data have been erased.
	Person party.PersonID
	Entry  ledger.ID

	participant ParticipantID
}

// What is a kind of act.
type What string

// The kinds of acts. Those that depart from the rule are called overrides and need a reason.
const (
	Opened      What = "opened"
	Adjourned   What = "closed"
	TookUp      What = "took-up"
	ListOpened  What = "list-opened"
	ListClosed  What = "list-closed"
	PhaseTurned What = "phase"
	SettingsSet What = "settings"
	Asked       What = "asked" // for somebody who raised their hand
	Called      What = "called"
	Paused      What = "paused"
	Resumed     What = "resumed"
	Stopped     What = "stopped"
	Extended    What = "extended"
	CalledFirst What = "called-first" // override: before others in the order
	CalledOut   What = "called-out"   // override: who had not asked
	Moved       What = "moved"        // override
	Skipped     What = "skipped"      // override
	Removed     What = "removed"      // override
	ReplyNow    What = "reply-now"    // a reply is taken now and not at the end
)

// Override tells whether the act departs from the rule.
func (w What) Override() bool {
	switch w {
	case CalledFirst, CalledOut, Moved, Skipped, Removed:
		return true
	}
	return false
}

// Floor is the floor of one dialogue as it stands.
type Floor struct {
	Dialogue dialogue.ID
	State    State
	Item     ItemID // taken up; empty for none
	// Change counts everything that happened, Desk the acts of the desk alone.
	Change   int64
	Desk     int
	Lists    []List
	Requests []Request // that wait, of all items, earliest first
	Speeches []Speech  // in the order in which they began
	Acts     []Act     // newest first
}

// List gives the list of an item; one that was never opened is closed and has the settings of the item taken up.
func (f *Floor) List(item ItemID) List {
	settings := DefaultSettings
	for _, l := range f.Lists {
		if l.Item == item {
			return l
		}
		if l.Item == f.Item {
			settings = l.Settings
		}
	}
	return List{Item: item, Phase: PanelPhase, Settings: settings}
}

// Speaking is the turn that lasts: the one that runs, or the newest of those that are paused.
func (f *Floor) Speaking() *Speech {
	var now *Speech
	for i := range f.Speeches {
		if s := &f.Speeches[i]; s.Lasts() && (now == nil || now.Since.IsZero()) {
			now = s
		}
	}
	return now
}

// Interrupted are the turns that wait behind the one that lasts, newest first.
func (f *Floor) Interrupted() []*Speech {
	var all []*Speech
	for i := len(f.Speeches) - 1; i >= 0; i-- {
		if s := &f.Speeches[i]; s.Lasts() && s != f.Speaking() {
			all = append(all, s)
		}
	}
	return all
}

package cycle

import (
	"embed"
	"fmt"
	"slices"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/ledger"
	"rostrum.example/internal/locale"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
)

//go:embed templates/*.html
var templates embed.FS

// Catalogue holds the room's words.
//
//go:embed catalogue
var Catalogue embed.FS

type pages struct {
	dialogue *page.Page[dialogueView]
	takePart *page.Page[takePartView]
	call     *page.Page[callView]
	list     *page.Page[listView]
	plan     *page.Page[planView]
	desk     *page.Page[deskView]
	set      *page.Page[setView]
}

// maxForm bounds what a form of this room may weigh, in bytes: three languages of a call's text and more.
const maxForm = 128 << 10

// Seat adds the room's pages to the site.
func (room *Room) Seat(s *page.Site) error {
	var err error
	p := &room.pages
	page.ParseInto(s, &p.dialogue, &err, templates, "dialogue", "parts")
	page.ParseInto(s, &p.takePart, &err, templates, "takepart", "parts")
	page.ParseInto(s, &p.call, &err, templates, "call", "parts")
	page.ParseInto(s, &p.list, &err, templates, "list", "parts")
	page.ParseInto(s, &p.plan, &err, templates, "plan", "parts")
	page.ParseInto(s, &p.desk, &err, templates, "desk", "parts")
	page.ParseInto(s, &p.set, &err, templates, "set", "parts")
	if err != nil {
		return fmt.Errorf("seating the dialogues' cycle: %w", err)
	}
	s.Public("GET /take-part", room.showTakePart)
	s.Public("GET /calls/{call}", room.showCall)
	signed := room.o.Directory.SignedIn
	s.Page("GET /desk/dialogues", signed(room.showList))
	s.Page("GET /desk/dialogues/new", signed(room.showPlan))
	s.Page("POST /desk/dialogues/new", signed(room.takePlan))
	s.Page("GET /desk/dialogues/{dialogue}", signed(room.showDesk))
	s.Page("POST /desk/dialogues/{dialogue}/move", signed(room.takeMove))
	s.Page("GET /desk/dialogues/{dialogue}/correct", signed(room.showCorrect))
	s.Page("POST /desk/dialogues/{dialogue}/correct", signed(room.takeCorrect))
	s.Page("GET /desk/calls/new", signed(room.showSet))
	s.Page("GET /desk/calls/{call}", signed(room.showSet))
	s.Page("POST /desk/calls/{call}", signed(room.takeSet))
	return nil
}

// named is words as the directory names things.
func named(id string, w dialogue.Words) party.Named {
	n := party.Named{ID: id, Name: map[locale.Lang]string{}}
	for lang, one := range w {
		n.Name[lang] = one.Text
	}
	return n
}

// say gives words to a reader.
func say(r *page.Request, w dialogue.Words) string {
	one, _ := w.In(r.Lang)
	return one.Text
}

// days says from when to when.
func days(r *page.Request, d *Dialogue) string {
	if d.Starts == d.Ends {
		return r.Date(d.Starts)
	}
	return r.Text("cycle.days", "From", r.Date(d.Starts), "To", r.Date(d.Ends))
}

func (room *Room) bodyName(r *page.Request, id string) string {
	if i := slices.IndexFunc(room.o.Bodies, func(b party.Named) bool { return b.ID == id }); i >= 0 {
		return room.o.Bodies[i].In(r.Lang)
	}
	return id
}

// places looks up where entries stand.
func (room *Room) places(r *page.Request, ids ...ledger.ID) (map[ledger.ID]int64, error) {
	return room.o.Ledger.Indexes(r.Context(), ids)
}

// stepView is one state of the mechanism, with where the dialogue is.
type stepView struct {
	Name          string
	Past, Current bool
}

// steps lays the states out in the preset's order.
func (room *Room) steps(r *page.Request, d *Dialogue) []stepView {
	var all []stepView
	past := true
	for _, s := range room.o.States {
		current := s.ID == d.State
		if current {
			past = false
		}
		all = append(all, stepView{say(r, s.Name), past, current})
	}
	return all
}

// moveView is one step that a dialogue has made.
type moveView struct {
	At      locale.Date
	To      string
	Clock   bool
	Answers []answerView
	Entered page.Entered
}

type answerView struct{ Question, Answer string }

func (room *Room) moveViews(r *page.Request, moves []Move) ([]moveView, error) {
	var ids []ledger.ID
	for _, m := range moves {
		ids = append(ids, m.Entry)
	}
	places, err := room.places(r, ids...)
	if err != nil {
		return nil, err
	}
	var all []moveView
	for _, m := range moves {
		state := room.State(m.To)
		v := moveView{At: locale.DateOf(m.At), To: say(r, state.Name), Clock: m.Actor == "", Entered: page.EnteredAt(places, m.Entry)}
		for _, ask := range state.Asks {
			if answer := m.Answers[ask.ID]; answer != "" {
				v.Answers = append(v.Answers, answerView{say(r, ask.Name), answer})
			}
		}
		all = append(all, v)
	}
	return all, nil
}

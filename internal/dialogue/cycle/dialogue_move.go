package cycle

import (
	"context"
	"maps"
	"net/http"
	"slices"
	"strings"
	"unicode/utf8"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// maxAnswer bounds an answer to what a state asks, in characters.
const maxAnswer = 2000

// Move moves a dialogue from a state to the next. from is the state that the actor saw: of two who move it at once,
// the second is told what the first did.
func (room *Room) Move(ctx context.Context, actor party.Actor, id dialogue.ID, from, to string, answers map[string]string) error {
	return room.o.DB.Write(ctx, func(tx *store.Tx) error {
		d, err := room.Dialogue(tx, id)
		if err != nil {
			return notFound(err)
		}
		switch {
		case actor.Anonymous():
			return party.Allow(actor, party.OpenCall, d.Scope())
		case d.State != from:
			return changedMeanwhile()
		case !room.mayMove(actor, d):
			return &page.Problem{Status: http.StatusForbidden, Key: "cycle.move.role"}
		case !slices.Contains(room.State(from).Next, to):
			return &page.Problem{Status: http.StatusConflict, Key: "cycle.move.order"}
		}
		kept, err := room.answers(to, answers)
		if err != nil {
			return err
		}
		return room.move(tx, d, to, actor.Person, kept)
	})
}

// answers reads what a state asks to be written down.
func (room *Room) answers(to string, typed map[string]string) (map[string]string, error) {
	kept := map[string]string{}
	var errs []error
	for _, ask := range room.State(to).Asks {
		text := strings.TrimSpace(typed[ask.ID])
		switch {
		case !readable(text):
			errs = append(errs, invalid("ask-"+ask.ID, "cycle.text.unreadable"))
		case utf8.RuneCountInString(text) > maxAnswer:
			errs = append(errs, invalid("ask-"+ask.ID, "cycle.text.long", "Max", maxAnswer, "Length", utf8.RuneCountInString(text)))
		case text == "" && ask.Required:
			errs = append(errs, invalid("ask-"+ask.ID, "cycle.text.missing"))
		case text != "":
			kept[ask.ID] = text
		}
	}
	return kept, page.Collect(errs...)
}

// moveText is what the public record says of a change of state.
type moveText struct {
	Dialogue dialogue.ID       `json:"dialogue"`
	Sample   bool              `json:"sample,omitempty"`
	From     string            `json:"from"`
	To       string            `json:"to"`
	Answers  map[string]string `json:"answers,omitempty"`
}

// move changes the state once everything has been checked but the gates. actor is empty for the clock.
func (room *Room) move(tx *store.Tx, d *Dialogue, to string, actor party.PersonID, answers map[string]string) error {
	for _, gate := range room.gates[to] {
		if err := gate(tx, d); err != nil {
			return err
		}
	}
	m := Move{Dialogue: d.ID, At: room.o.Clock(), From: d.State, To: to, Actor: actor, Answers: maps.Clone(answers)}
	err := tx.QueryRow(moveCount, room.o.Org, d.ID).Scan(&m.Number)
	if err != nil {
		return err
	}
	m.Number++
	m.Entry, err = room.entered(tx, d.Subject(), "cycle.dialogue.moved", moveText{d.ID, d.Sample, m.From, m.To, m.Answers}, d.Entry)
	if err != nil {
		return err
	}
	d.State, d.Since = to, m.At
	if err := room.keepDialogue(tx, d); err != nil {
		return err
	}
	return room.keepMove(tx, m)
}

// callReady holds a dialogue back from opening its call until there is one that can be answered.
func (room *Room) callReady(tx *store.Tx, d *Dialogue) error {
	c, err := room.CallFor(tx, d.ID)
	switch {
	case err == ErrNotFound:
		return &page.Problem{Status: http.StatusConflict, Key: "cycle.call.none"}
	case err != nil:
		return err
	case !room.o.Clock().Before(c.Deadline()):
		return &page.Problem{Status: http.StatusConflict, Key: "cycle.call.past"}
	case len(c.Recipients) == 0:
		return &page.Problem{Status: http.StatusConflict, Key: "cycle.call.nokey"}
	}
	return nil
}

package cycle

import (
	"time"

	"rostrum.example/internal/page"
	"rostrum.example/internal/party"
	"rostrum.example/internal/store"
)

// soon is how long before a deadline it is worth a line on the desk.
const soon = 7 * 24 * time.Hour

// Today tells what waits for somebody: dialogues that they move on, and calls that close soon.
func (room *Room) Today(tx *store.Tx, r *page.Request, actor party.Actor) ([]page.Duty, error) {
	own, err := room.Dialogues(tx)
	if err != nil {
		return nil, err
	}
	var all []page.Duty
	now := room.o.Clock()
	for _, d := range own {
		state := room.State(d.State)
		if len(state.Next) == 0 || !room.mayMove(actor, d) {
			continue
		}
		duty := page.Duty{Text: r.Text("cycle.today.move", "Title", isolate(say(r, d.Title))), Path: "/desk/dialogues/" + string(d.ID), Hint: say(r, state.Name)}
		c, err := room.CallFor(tx, d.ID)
		switch {
		case err == ErrNotFound && d.State == Planned:
			duty.Text = r.Text("cycle.today.call", "Title", isolate(say(r, d.Title)))
		case err == ErrNotFound:
		case err != nil:
			return nil, err
		case d.State == CallOpen && now.Before(c.Deadline()):
			if c.Deadline().Sub(now) > soon {
				continue
			}
			when := r.When(c.Deadline(), location(c.Zone))
			duty.Text, duty.By = r.Text("cycle.today.closes", "Title", isolate(say(r, c.Title))), &when
		}
		all = append(all, duty)
	}
	return all, nil
}

// isolate keeps a title from turning the words around it, whichever way each of them reads (Unicode Standard Annex 9).
func isolate(s string) string { return "\u2068" + s + "\u2069" }

package floor

import (
	"context"
	"slices"
	"time"

	"rostrum.example/internal/dialogue"
	"rostrum.example/internal/page"
)

var zero time.Time

// Asking is a wish to speak as a participant sends it.
type Asking struct {
	Kind Kind
	Mode Mode
	Lang string
}

// Ask asks for the floor under the item that is taken up. Whoever waits already keeps their place. token is the form's
// own: the same form sent twice asks once.
func (room *Room) Ask(ctx context.Context, id dialogue.ID, who ParticipantID, token string, in Asking) error {
	return room.change(ctx, id, token, []any{who, in}, func(w *work) error { return w.ask(who, in) })
}

// askFor is Ask for somebody who raised their hand in the room.
func (w *work) askFor(c Command, a *Act) error {
	p, ok := w.people[c.Participant]
	if !ok {
		return invalid("participant", "floor.problem.participant")
	}
	if c.Mode == "" {
		c.Mode = p.Mode
	}
	if c.Lang == "" {
		c.Lang = first(p.Langs)
	}
	a.about(p)
	a.Reason = ""
	before := w.counters.asked
	if err := w.ask(p.ID, Asking{c.Kind, c.Mode, c.Lang}); err != nil {
		return err
	}
	if w.counters.asked > before {
		a.Request = w.counters.asked
	}
	return nil
}

func (w *work) ask(who ParticipantID, in Asking) error {
	if err := w.needItem(); err != nil {
		return err
	}
	p, ok := w.people[who]
	if !ok {
		return errNotIn
	}
	if in.Mode != InRoom && in.Mode != Remote {
		return invalid("mode", "floor.problem.mode")
	}
	if in.Lang != "" && !slices.Contains(p.Langs, in.Lang) {
		return invalid("lang", "floor.problem.lang")
	}
	switch in.Kind {
	case Statement:
		if !w.List(w.Item).Open {
			return conflict("floor.problem.list.closed")
		}
	case Reply:
		if !p.Delegate {
			return &page.Problem{Status: 403, Key: "floor.problem.delegate"}
		}
	case PointOfOrder:
	default:
		return invalid("kind", "floor.problem.kind")
	}
	if w.waits(who, in.Kind) {
		return nil
	}
	w.counters.asked++
	r := Request{N: w.counters.asked, Item: w.Item, Participant: who, Kind: in.Kind, Mode: in.Mode, Lang: in.Lang, Asked: w.now}
	w.Requests = append(w.Requests, r)
	return w.insertRequest(r, string(p.Person), "waiting")
}

// waits tells whether a participant waits already with a request of a kind under the item taken up.
func (s *scene) waits(who ParticipantID, k Kind) bool {
	return slices.ContainsFunc(s.Requests, func(r Request) bool { return r.Participant == who && r.Kind == k && r.Item == s.Item })
}

// Withdraw takes a participant's own request back. One that does not wait any more is nothing to do.
func (room *Room) Withdraw(ctx context.Context, id dialogue.ID, who ParticipantID, token string, n int) error {
	return room.change(ctx, id, token, []any{who, n}, func(w *work) error {
		r, err := w.request(n)
		if err != nil || r.Participant != who {
			return nil
		}
		return w.endRequest(n, "withdrawn")
	})
}

var errNotIn = &page.Problem{Status: 403, Key: "floor.problem.notin"}

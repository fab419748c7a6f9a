package followup

import (
	"fmt"
	"slices"

	"rostrum.example/internal/ledger"
	"rostrum.example/internal/store"
)

// pointText is what the public record says when a point comes into the follow-up.
type pointText struct {
	Point  PointID   `json:"point"`
	Origin string    `json:"origin"`
	Kind   PointKind `json:"kind"`
	Need   string    `json:"need,omitempty"`
	Sample bool      `json:"sample,omitempty"`
	Text   Words     `json:"text"`
}

// Put takes the points of a dialogue into the follow-up, in the transaction that publishes them. Called again it takes in
// what is new, corrects what has changed, and leaves the rest; a point that is no longer among them stays until
// WithdrawPoint. Only ID, Origin, Kind, Need, Text, Cites and Sample of each are read.
func (room *Room) Put(tx *store.Tx, points []Point) error {
	places := map[string]int{}
	for _, p := range points {
		places[p.Origin]++
		p.Place = places[p.Origin]
		if err := room.putOne(tx, &p); err != nil {
			return fmt.Errorf("taking point %s into the follow-up: %w", p.ID, err)
		}
	}
	return nil
}

func (room *Room) putOne(tx *store.Tx, p *Point) error {
	if len(p.Text) == 0 || p.Origin == "" || p.Kind != MainPoint && p.Kind != Recommendation {
		return fmt.Errorf("it has no text, dialogue or kind")
	}
	what := pointEntered
	old, err := room.Point(tx, p.ID)
	switch {
	case err == nil && same(old, p):
		if old.Place == p.Place {
			return nil
		}
		old.Place = p.Place
		return room.keepPoint(tx, old)
	case err == nil:
		what = pointCorrected
		p.At = old.At
	case err == ErrNotFound:
		p.At = room.o.Clock()
	default:
		return err
	}
	cites := slices.Clone(p.Cites)
	if old != nil {
		cites = append(cites, old.Entry)
	}
	p.Withdrawn = store.Time(0)
	if p.Entry, err = room.enter(tx, p.ID, what, "", pointText{p.ID, p.Origin, p.Kind, p.Need, p.Sample, p.Text}, cites...); err != nil {
		return err
	}
	return room.keepPoint(tx, p)
}

func same(a, b *Point) bool {
	x, errX := encode(pointText{a.ID, a.Origin, a.Kind, a.Need, a.Sample, a.Text})
	y, errY := encode(pointText{b.ID, b.Origin, b.Kind, b.Need, b.Sample, b.Text})
	return errX == nil && errY == nil && x == y && slices.Equal(a.Cites, b.Cites) && a.Withdrawn.IsZero()
}

// WithdrawPoint takes a point back, as whoever published it does. What others have said of it stays; its own text goes
// from the record, and the reason stands in its place. ErrNotFound: there is no such point.
func (room *Room) WithdrawPoint(tx *store.Tx, id PointID, reason string) error {
	p, err := room.Point(tx, id)
	if err != nil {
		return err
	}
	if !p.Withdrawn.IsZero() {
		return ledger.ErrWithdrawn
	}
	if err := room.withdraw(tx, id, pointWithdrawn, "", reason, p.Entry); err != nil {
		return err
	}
	p.Withdrawn, p.Text = room.o.Clock(), Words{}
	return room.keepPoint(tx, p)
}
